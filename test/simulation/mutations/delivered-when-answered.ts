import { CALM, type Mutation } from './mutation.js';

export const deliveredWhenAnswered: Mutation = {
  name: 'delivered_when_answered',
  bug: 'a webhook that got any answer has been delivered',
  edits: [
    {
      file: 'src/modules/notification/retry-schedule.ts',
      find: "  if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered' };",
      replace: "  if (httpStatus !== undefined) return { kind: 'delivered' };",
    },
  ],
  profile: { ...CALM, name: 'bad servers', gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.1 }] },
  seed: 1,
  seconds: 8,
};
