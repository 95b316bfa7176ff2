/** What the books and money out have on their screens: a refund, a payout, a transfer, a release and a message. */
import { eventually } from '../../support/eventually.js';
import { must } from '../../support/person.js';
import { payOut, refund } from '../../e2e/support/money-out.js';
import type { Office } from './office.js';

interface Ids {
  readonly data: readonly { readonly id: string }[];
}
interface Statement {
  readonly data: readonly { readonly transfer_id: string }[];
}

export interface Books {
  readonly refund: string;
  readonly payout: string;
  readonly account: string;
  readonly transfer: string;
  readonly release: string;
  readonly message: string;
}

const PAYMENT = {
  amount: 9_000,
  currency: 'GHS',
  reference: 'order-booked',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
};

/** What is captured becomes available at once; a part of it is given back, and a part paid out. */
export async function keepBooks({ system, owner }: Office): Promise<Books> {
  const content = { mode: 'delay', delay: { seconds: 0 } };
  must(await owner.post('/admin/v1/ledger/settlement_policies', { content, note: 'at once' }), 201);
  const fee = { tiers: [{ percent_bps: 150 }] };
  const schedule = { content: { fees: [{ currency: 'NGN', fee }] }, note: 'as agreed' };
  must(await owner.post('/admin/v1/payments/fee_schedules', schedule), 201);
  const options = { headers: { 'idempotency-key': PAYMENT.reference, prefer: 'wait=20' } };
  const payment = must(await system.merchant.post<{ id: string }>('/v1/payments', PAYMENT, options), 201).body;
  const first = async (path: string, get: (path: string) => Promise<{ body: Ids }>): Promise<string> =>
    eventually(async () => {
      const [found] = (await get(path)).body.data;
      if (found === undefined) throw new Error(`there is nothing at ${path}`);
      return found.id;
    });
  const ofMerchant = (path: string): Promise<string> => first(path, (at) => system.merchant.get<Ids>(at));
  const ofOwner = (path: string): Promise<string> => first(path, async (at) => must(await owner.get<Ids>(at), 200));
  const release = await ofMerchant('/v1/balances/releases');
  const refunded = must(await refund(system, payment, { amount: 1_000, reason: 'One was broken' }), 201).body;
  const paidOut = must(await payOut(system, 2_000, { reference: 'wages-1' }), 201).body;
  const account = await ofOwner('/admin/v1/ledger/accounts?livemode=false&kind=merchant_available&currency=GHS');
  const statement = await owner.get<Statement>(`/admin/v1/ledger/accounts/${account}/statement`);
  return {
    refund: refunded.id,
    payout: paidOut.id,
    account,
    transfer: must(statement, 200).body.data[0]?.transfer_id ?? '',
    release,
    message: await ofOwner('/admin/v1/messages'),
  };
}
