/** Our ledger against the sandbox's own books: the two were written by different hands. */
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { eventually } from '../../support/eventually.js';
import type { System } from './system.js';

interface AccountTotals {
  readonly kind: string;
  readonly qualifier: string;
  readonly debits: number;
  readonly credits: number;
  readonly balance: number;
}

interface CurrencyTotals {
  readonly currency: string;
  readonly difference: number;
  readonly accounts: readonly AccountTotals[];
}

interface TrialBalance {
  readonly entries_agree?: boolean;
  readonly holds_agree?: boolean;
  readonly data: readonly CurrencyTotals[];
}

interface SandboxTotal {
  readonly gateway: string;
  readonly currency: string;
  readonly kind: string;
  readonly count: number;
  readonly amount: number;
  readonly double_charged_references: number;
}

/** In minor units, by `<gateway> <currency> <kind>`, where the kind is the sandbox's: charge, refund, payout, payout_return. Fees apart. */
export type Moved = Readonly<Record<string, number>>;

export async function trialBalance(system: System, verify = false): Promise<TrialBalance> {
  const answer = await system.admin.get<TrialBalance>(
    `/admin/v1/ledger/trial_balance?livemode=false${verify ? '&verify=true' : ''}`,
  );
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

/** The kinds of account that say whose money is at gateways. */
const OWED = [
  'merchant_pending',
  'merchant_available',
  'merchant_reserved',
  'merchant_rolling_reserve',
  'customer_reserved',
  'platform_fees',
  'suspense',
] as const;

/** The balance of the accounts of a kind in a currency, in minor units. */
export async function balanceOf(system: System, currency: string, kind: string): Promise<number> {
  const { data } = await trialBalance(system);
  const accounts = data.find((totals) => totals.currency === currency)?.accounts ?? [];
  return accounts.filter((account) => account.kind === kind).reduce((sum, account) => sum + account.balance, 0);
}

export async function sandboxTotals(system: System): Promise<readonly SandboxTotal[]> {
  const response = await fetch(`${system.sandbox.controlUrl}/_ledger/summary`);
  return ((await response.json()) as { data: SandboxTotal[] }).data;
}

export function addedUp(amounts: Iterable<readonly [string, number]>): Moved {
  const sums = new Map<string, number>();
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? 0) + amount);
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0));
}

/** What the sandbox has taken from customers and got back, and what it has given back or paid out. */
export async function movedBySandbox(system: System): Promise<Moved> {
  const totals = await sandboxTotals(system);
  return addedUp(totals.map(({ gateway, currency, kind, amount }) => [`${gateway} ${currency} ${kind}`, amount]));
}

/** What brings money to a gateway and takes it from there, as the ledger calls it and as the sandbox does. */
const KINDS: Readonly<Record<string, string>> = {
  collection: 'charge',
  suspense_capture: 'charge',
  refund_sent: 'refund',
  refund_duplicated: 'refund',
  refund_quarantined: 'refund',
  payout_sent: 'payout',
  payout_duplicated: 'payout',
  payout_quarantined: 'payout',
  payout_returned: 'payout_return',
};
const BRINGS_MONEY: readonly string[] = ['charge', 'payout_return'];

/** What our clearing accounts say the gateways have taken, and paid, entry by entry; what they kept for themselves is in gateway_fees. */
async function movedByUs(system: System): Promise<Moved> {
  const gateways = await system.admin.get<{ data: { id: string; gateway: string }[] }>('/admin/v1/routing/gateways');
  const gatewayOf = new Map(gateways.body.data.map(({ id, gateway }) => [id, gateway]));
  const rows = await system.databaseOf('ledger').query<{
    account: string;
    currency: string;
    kind: string;
    debits: string;
  }>(
    `SELECT a.qualifier AS account, a.currency, t.kind, sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END)::text AS debits
       FROM ledger.account a JOIN ledger.entry e ON e.account_id = a.id JOIN ledger.transfer t ON t.id = e.transfer_id
      WHERE a.kind = 'gateway_clearing' AND NOT a.livemode AND t.kind NOT LIKE '%fee' GROUP BY 1, 2, 3`,
  );
  return addedUp(
    rows.map(({ account, currency, kind: ours, debits }) => {
      const id = encodeId('gatewayAccount', account);
      const kind = KINDS[ours] ?? ours;
      return [
        `${gatewayOf.get(id) ?? id} ${currency} ${kind}`,
        BRINGS_MONEY.includes(kind) ? Number(debits) : -Number(debits),
      ];
    }),
  );
}

/**
 * Waits until both books hold the same money, then proves that ours hang together: per currency debits equal credits, every
 * balance follows from its entries and every pending one from holds, and all that gateways hold is somebody's.
 */
export async function proveBooks(system: System, timeoutMs = 20_000): Promise<void> {
  await eventually(async () => expect(await movedByUs(system)).toEqual(await movedBySandbox(system)), {
    timeoutMs,
    everyMs: 200,
  });
  const { data, entries_agree: entriesAgree, holds_agree: holdsAgree } = await trialBalance(system, true);
  expect([entriesAgree, holdsAgree]).toEqual([true, true]);
  expect(data.map(({ difference }) => difference)).toEqual(data.map(() => 0));
  for (const { accounts } of data) {
    const sum = (kinds: readonly string[]): number =>
      accounts.filter(({ kind }) => kinds.includes(kind)).reduce((total, { balance }) => total + balance, 0);
    expect(sum(['gateway_clearing', 'gateway_fees'])).toBe(sum(OWED));
  }
}
