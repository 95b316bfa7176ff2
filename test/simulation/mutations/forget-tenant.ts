import { CALM, type Mutation } from './mutation.js';

export const forgetTenant: Mutation = {
  name: 'forget_tenant',
  bug: 'whoever knows the id of a payment may read it',
  edits: [
    {
      file: 'src/modules/payments/payments.controller.ts',
      find: 'if (payment === undefined || payment.merchantId !== merchant.merchantId || payment.livemode !== merchant.livemode) {',
      replace: 'if (payment === undefined || payment.livemode !== merchant.livemode) {',
    },
  ],
  profile: { ...CALM, name: 'strangers', gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.1 }] },
  seed: 1,
  seconds: 8,
};
