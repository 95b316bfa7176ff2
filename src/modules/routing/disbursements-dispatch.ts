/**
 * How refunds and payouts are sent: see `Dispatch`. Apart from payments, in few places per account. They wait for their turn where they are,
 * and are not spread over dearer accounts because there are many of them; only for float do they go elsewhere once they are planned.
 */
import { Batcher } from '../../kernel/batching/batcher.js';
import type { Database } from '../../kernel/database/database.js';
import type { AccountFloats } from './account-floats.js';
import type { CheckSchedule } from './check-schedule.js';
import { claimDisbursements, postpone } from './disbursements.store.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import { DISBURSEMENT_CONNECTIONS } from './gateways/http-client.js';
import { payoutCandidates } from './plan-disbursement.js';
import type { OutcomeRecorder, ToSend } from './record-outcome.js';
import type { RoutedKind, RoutedPayout } from './routed-payment.js';
import type { Dispatch } from './send-attempts.js';
import { isShortOfFloat } from './short-of-float.js';

/** What a payout fails with that waited for its float in vain, and what Paystack's and Flutterwave's adapters call it. */
export const INSUFFICIENT_FLOAT = 'insufficient_float';

export interface DisbursementsDispatchOptions {
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly floats: AccountFloats;
  readonly recorder: Pick<OutcomeRecorder, 'record'>;
  readonly schedule: CheckSchedule;
  onDisbursed(gateway: string, kind: RoutedKind, outcome: MoneyOutOutcome, seconds: number): void;
}

export function disbursementsDispatch(options: DisbursementsDispatchOptions): Dispatch {
  const { database, adapters, floats, schedule } = options;
  const serialGateways = [...adapters.values()]
    .filter(({ refunds }) => refunds?.idempotent === false)
    .map(({ gateway }) => gateway);
  const postponed = new Batcher<string, undefined>({
    name: 'routing.postpone',
    maxBatch: 500,
    concurrency: 1,
    maxWaiting: 100_000,
    flush: async (ids) => {
      await postpone(database, ids, schedule.tryAgainEveryMs);
      return ids.map(() => undefined);
    },
  });
  /** Attempts whose float is kept for them until they are sent, or not. */
  const cleared = new Set<string>();
  const unclear = ({ attempt, payment }: ToSend): void => {
    if (cleared.delete(attempt.id)) floats.unclear(attempt.gatewayAccountId, payment.currency, payment.amountMinor);
  };
  return {
    name: 'routing.send_disbursements',
    concurrency: DISBURSEMENT_CONNECTIONS,
    claim: (claims, firstCheckAfterMs) => claimDisbursements(database, claims, firstCheckAfterMs, serialGateways),
    hasAlternative: () => false,
    holdsBack: async (item) => {
      const { attempt, payment } = item;
      if (payment.kind !== 'payout') return false;
      const { gatewayAccountId: id } = attempt;
      if (!floats.isShort(id, payment.currency, payment.amountMinor)) {
        floats.clear(id, payment.currency, payment.amountMinor);
        cleared.add(attempt.id);
        return false;
      }
      const settled = await leaveOrGiveUp(options, item, payment);
      if (!settled) await postponed.submit(attempt.id);
      return true;
    },
    onSending: (item) => {
      unclear(item);
      floats.sent(item.attempt.gatewayAccountId, item.payment.currency, item.payment.amountMinor);
    },
    onLetGo: unclear,
    onSent: ({ attempt, payment }, outcome, seconds) => {
      const { gatewayAccountId: id } = attempt;
      floats.answered(id, payment.currency, payment.amountMinor);
      if (outcome.kind === 'declined' || outcome.kind === 'not_sent')
        floats.kept(id, payment.currency, payment.amountMinor);
      if (saysFloatIsShort(outcome)) floats.ranOut(id, payment.currency, payment.amountMinor);
      options.onDisbursed(attempt.gateway, attempt.kind, outcome, seconds);
    },
  };
}

/** @returns whether it has gone to an account that has enough, or was given up after waiting; otherwise it goes on waiting. */
async function leaveOrGiveUp(
  { accounts, adapters, floats, recorder, schedule }: DisbursementsDispatchOptions,
  { attempt }: ToSend,
  payout: RoutedPayout,
): Promise<boolean> {
  const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
  const { currency, amountMinor } = payout;
  // Those tried before are among them: planning leaves them out, and then nothing changes.
  const others = payoutCandidates({ adapters, accountsFor }, payout, [attempt]);
  if (others.some(({ id }) => floats.wouldFit(id, currency, amountMinor))) {
    const { status } = await recorder.record(attempt.id, { source: 'divert', code: INSUFFICIENT_FLOAT });
    if (status !== 'planned') return true;
  }
  if (Date.now() - attempt.createdAt.getTime() < schedule.patienceMs) return false;
  await recorder.record(attempt.id, { source: 'withdraw', code: INSUFFICIENT_FLOAT });
  return true;
}

function saysFloatIsShort(outcome: MoneyOutOutcome): boolean {
  return (outcome.kind === 'declined' || outcome.kind === 'not_sent') && isShortOfFloat(outcome);
}
