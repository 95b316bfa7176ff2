/** Our ledger against the sandbox's own books: the two were written by different hands. */
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
  readonly data: readonly CurrencyTotals[];
}

interface SandboxTotal {
  readonly gateway: string;
  readonly currency: string;
  readonly count: number;
  readonly amount: number;
  readonly double_charged_references: number;
}

/** `<gateway> <currency>` to minor units. */
type Captured = Readonly<Record<string, number>>;

export async function trialBalance(system: System, verify = false): Promise<TrialBalance> {
  const answer = await system.admin.get<TrialBalance>(
    `/admin/v1/ledger/trial_balance?livemode=false${verify ? '&verify=true' : ''}`,
  );
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

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

/** What the sandbox has taken from customers. */
async function capturedBySandbox(system: System): Promise<Captured> {
  const totals = await sandboxTotals(system);
  return Object.fromEntries(totals.map(({ gateway, currency, amount }) => [`${gateway} ${currency}`, amount]));
}

/** What our clearing accounts say the gateways have taken. */
async function capturedByUs(system: System): Promise<Captured> {
  const gateways = await system.admin.get<{ data: { id: string; gateway: string }[] }>('/admin/v1/routing/gateways');
  const gatewayOf = new Map(gateways.body.data.map(({ id, gateway }) => [id, gateway]));
  const { data } = await trialBalance(system);
  return Object.fromEntries(
    data.flatMap(({ currency, accounts }) =>
      accounts
        .filter(({ kind }) => kind === 'gateway_clearing')
        .map(({ qualifier, debits }) => [`${gatewayOf.get(qualifier) ?? qualifier} ${currency}`, debits] as const),
    ),
  );
}

/**
 * Waits until both books hold the same money, then proves that ours hang together: per currency debits equal credits, every
 * balance follows from its entries, and all that gateways hold is somebody's.
 */
export async function proveBooks(system: System, timeoutMs = 20_000): Promise<void> {
  await eventually(async () => expect(await capturedByUs(system)).toEqual(await capturedBySandbox(system)), {
    timeoutMs,
    everyMs: 200,
  });
  const { data, entries_agree: entriesAgree } = await trialBalance(system, true);
  expect(entriesAgree).toBe(true);
  expect(data.map(({ difference }) => difference)).toEqual(data.map(() => 0));
  for (const { accounts } of data) {
    const sum = (kinds: readonly string[]): number =>
      accounts.filter(({ kind }) => kinds.includes(kind)).reduce((total, { balance }) => total + balance, 0);
    expect(sum(['gateway_clearing', 'gateway_fees'])).toBe(sum(['merchant_pending', 'platform_fees', 'suspense']));
  }
}
