/**
 * After everything has come to rest: gateways pay what they owe to a bank, whose statement names some of the entries, gives others by their amount alone, and
 * has less of some. Each must be found as what it is, be booked once, and be told where it is less; and a check must find what is owed as it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { exponentOf, toDecimal, type Currency } from '../../src/kernel/money/money.js';
import type { Counters } from './counters.js';
import type { Evidence } from './oracle/evidence.js';
import type { Violation } from './oracle/invariant.js';
import { breaksOf, runOver } from './reconcile.js';
import type { Random } from './random.js';
import type { World } from './world/world.js';

/** Those whose API lists what they have settled. */
const SETTLING = ['paystack', 'flutterwave'] as const;
/** How a settlement stands in the bank's statement. `less`: named, and less came in. */
const ENTRIES = ['named', 'less', 'amount'] as const;
type EntryKind = (typeof ENTRIES)[number];
/** Counters of what is planted. */
export const SETTLED_AT_BANK: readonly string[] = ENTRIES.map((entry) => `settlement ${entry}`);
const LESS_MINOR = 100;
const OPENING_MINOR = 1_000_000;
const ADMIN = '/admin/v1/reconciliation';
/** Settlements are looked for at the bank every ten seconds. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 300;

interface Settlement {
  readonly id: string;
  readonly gateway_account: string;
  readonly gateway_id: string;
  readonly bank_reference: string | null;
  readonly status: string;
  readonly currency: Currency;
  readonly net: number;
  readonly received: { readonly by: string } | null;
}

interface Entry {
  readonly settlement: Settlement;
  readonly kind: EntryKind;
  readonly amount: number;
}

interface Tools {
  readonly random: Random;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/** @returns what was found otherwise than it was */
export async function settleAtBank(evidence: Evidence, tools: Tools): Promise<readonly Violation[]> {
  const { world } = evidence;
  const accounts = await settleAll(world);
  for (const account of accounts.keys()) await runOver(world, account, tools.signal);
  const made = [...accounts.values()].reduce((sum, count) => sum + count, 0);
  const listed = () => settlementsOf(world, [...accounts.keys()]);
  const settlements = await until(tools, listed, (rows) => rows.length >= made);
  if (settlements.length !== made)
    return [{ text: `${made} settlements were made, and ${settlements.length} were listed` }];
  const entries = planEntries(settlements, tools);
  if (entries.length === 0) return [];
  const statement = statementOf(entries);
  await upload(world, statement);
  const isOver = (rows: readonly Settlement[]): boolean =>
    entries.every(({ settlement }) => rows.find(({ id }) => id === settlement.id)?.received != null);
  const found = await until(tools, listed, isOver);
  const booked = await until(
    tools,
    () => bankBalances(evidence),
    (balances) => balances.length === expectedBalances(entries).length,
  );
  await upload(world, statement);
  return [
    ...entries.flatMap((entry) => judgeEntry(entry, found)),
    ...(await judgeBreaks(world, [...accounts.keys()], entries)),
    ...differing('the bank has by the books', booked, expectedBalances(entries)),
    ...differing('after the same statement again', await bankBalances(evidence), expectedBalances(entries)),
    ...(await judgeCheck(evidence, tools)),
  ];
}

/** @returns how many settlements each gateway account has made */
async function settleAll({ sandbox, admin }: World): Promise<ReadonlyMap<string, number>> {
  const { body } = await admin.get<{ data: readonly { id: string; gateway: string }[] }>('/admin/v1/routing/gateways');
  const made = new Map<string, number>();
  for (const gateway of SETTLING) {
    const account = body.data.find((each) => each.gateway === gateway);
    if (account !== undefined) made.set(account.id, await sandbox.settle(gateway));
  }
  return made;
}

async function settlementsOf({ admin }: World, accounts: readonly string[]): Promise<readonly Settlement[]> {
  const found: Settlement[] = [];
  for (const account of accounts) {
    const { status, body } = await admin.get<{ data: readonly Settlement[] }>(
      `${ADMIN}/settlements?gateway_account=${account}&limit=100`,
    );
    if (status === 200) found.push(...body.data);
  }
  return found;
}

async function until<Value>(
  { signal }: Tools,
  look: () => Promise<Value>,
  isOver: (value: Value) => boolean,
): Promise<Value> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (isOver(value) || performance.now() > deadline) return value;
    signal.throwIfAborted();
    await sleep(LOOK_EVERY_MS);
  }
}

const nameOf = ({ bank_reference: reference, gateway_id: id }: Settlement): string => reference ?? id;

/** What no other one is mistaken for can stand there by its amount alone; and where two gateways call theirs the same, with its amount. */
function planEntries(settlements: readonly Settlement[], { random, counters }: Tools): readonly Entry[] {
  const paid = settlements.filter(({ status, net }) => status === 'settled' && net > LESS_MINOR);
  return random.shuffled(paid).map((settlement, index) => {
    const { net, currency } = settlement;
    const planned = ENTRIES[index % ENTRIES.length] ?? 'named';
    const isAlone =
      paid.filter((each) => each.currency === currency && Math.abs(each.net - net) <= LESS_MINOR).length === 1;
    const isNameless = paid.filter((each) => nameOf(each) === nameOf(settlement)).length > 1;
    const isLost = (planned === 'amount' && !isAlone) || (planned === 'less' && isNameless);
    const kind = isLost ? 'named' : planned;
    counters.add(`settlement ${kind}`);
    return { settlement, kind, amount: kind === 'less' ? net - LESS_MINOR : net };
  });
}

function judgeEntry({ settlement, kind }: Entry, found: readonly Settlement[]): readonly Violation[] {
  const by = found.find(({ id }) => id === settlement.id)?.received?.by;
  const expected = kind === 'amount' ? 'amount' : 'reference';
  return by === expected
    ? []
    : [{ text: `settlement ${settlement.gateway_id} (${kind}) was found by ${by}, not by ${expected}` }];
}

async function judgeBreaks(
  world: World,
  accounts: readonly string[],
  entries: readonly Entry[],
): Promise<readonly Violation[]> {
  const found: string[] = [];
  for (const account of accounts)
    for (const { kind, side, differences } of await breaksOf(world, account))
      if (side === 'bank')
        found.push(`${account} ${kind} ${differences.map(({ ours, theirs }) => `${ours} ${theirs}`).join(', ')}`);
  const expected = entries
    .filter(({ kind }) => kind === 'less')
    .map(({ settlement: { gateway_account: account, net }, amount }) => `${account} amount ${net} ${amount}`);
  return differing('breaks at the bank', found, expected);
}

async function bankBalances({ query }: Evidence): Promise<readonly string[]> {
  const rows = await query<{ currency: string; balance: string }>(
    `SELECT currency, (debits_posted - credits_posted)::text AS balance FROM ledger.account WHERE kind = 'bank' AND debits_posted > 0`,
  );
  return rows.map(({ currency, balance }) => `${currency} ${balance}`);
}

function expectedBalances(entries: readonly Entry[]): readonly string[] {
  const sums = new Map<string, number>();
  for (const { settlement, amount } of entries)
    sums.set(settlement.currency, (sums.get(settlement.currency) ?? 0) + amount);
  return [...sums].map(([currency, sum]) => `${currency} ${sum}`);
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly coverage: readonly { readonly currency: string; readonly owed: number }[];
}

/**
 * What a check says that merchants are owed is what they are owed. It is asked again where something was booked meanwhile: a gateway that did not know
 * for long may say at any time what became of a payment.
 */
async function judgeCheck(evidence: Evidence, tools: Tools): Promise<readonly Violation[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const before = await owedByEntries(evidence);
    const check = await makeCheck(evidence, tools);
    const after = await owedByEntries(evidence);
    if (check.status !== 'judged') return [{ text: `a safeguarding check is ${check.status}` }];
    const told = check.coverage.map((each) => `${each.currency} ${each.owed}`);
    if (isSame(before, after) || performance.now() > deadline)
      return differing('owed by a safeguarding check', told, after);
  }
}

async function makeCheck({ world }: Evidence, tools: Tools): Promise<Check> {
  const path = `${ADMIN}/safeguarding_checks`;
  const asked = await world.admin.post<Check>(path, {});
  const isOver = ({ body }: { readonly body: Check }): boolean => body.status === 'judged';
  return (await until(tools, () => world.admin.get<Check>(`${path}/${asked.body.id}`), isOver)).body;
}

/** What merchants are owed, by the entries and not by the accounts' totals. */
async function owedByEntries({ query }: Evidence): Promise<readonly string[]> {
  const owed = await query<{ currency: string; owed: string }>(
    `WITH by_merchant AS (
       SELECT a.currency, coalesce(a.merchant_id::text, 'customers') AS whose, sum(CASE e.direction WHEN 'credit' THEN e.amount ELSE -e.amount END) AS owed
         FROM ledger.account a JOIN ledger.entry e ON e.account_id = a.id
        WHERE a.kind LIKE 'merchant%' OR a.kind IN ('suspense', 'customer_reserved') GROUP BY 1, 2
     ) SELECT currency, sum(greatest(owed, 0))::text AS owed FROM by_merchant GROUP BY currency`,
  );
  return owed.map((each) => `${each.currency} ${each.owed}`);
}

function differing(what: string, found: readonly string[], expected: readonly string[]): readonly Violation[] {
  const [is, shouldBe] = [found, expected].map((each) => each.toSorted().join('; ') || 'nothing');
  return isSame(found, expected) ? [] : [{ text: `${what}: ${is}, and should be: ${shouldBe}` }];
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join('; ') === other.toSorted().join('; ');
}

async function upload({ admin }: World, statement: string): Promise<void> {
  const { status, text } = await admin.postRaw(`${ADMIN}/sources?kind=bank&livemode=false`, statement, {
    headers: { 'content-type': 'application/xml' },
  });
  // The same bytes are refused, and change nothing.
  if (status !== 201 && status !== 409) throw new Error(`A statement was refused: ${status} ${text}`);
}

/** In ISO 20022, with one statement per currency. */
function statementOf(entries: readonly Entry[]): string {
  const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  const currencies = [...new Set(entries.map(({ settlement }) => settlement.currency))];
  const statements = currencies.map((currency) => {
    const own = entries.filter(({ settlement }) => settlement.currency === currency);
    const amount = (minor: number): string =>
      `<Amt Ccy="${currency}">${toDecimal(BigInt(minor), exponentOf(currency))}</Amt><CdtDbtInd>CRDT</CdtDbtInd>`;
    const balance = (code: string, minor: number): string =>
      `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(minor)}<Dt><Dt>${today}</Dt></Dt></Bal>`;
    const closing = own.reduce((sum, each) => sum + each.amount, OPENING_MINOR);
    const booked = own.map(
      (each, index) =>
        `<Ntry>${amount(each.amount)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${today}</Dt></BookgDt><AcctSvcrRef>FT-${currency}-${index}</AcctSvcrRef>` +
        `<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><AddtlNtryInf>${each.kind === 'amount' ? 'TRANSFER' : `SETTLEMENT ${nameOf(each.settlement)}`}</AddtlNtryInf></Ntry>`,
    );
    return (
      `<Stmt><Id>STMT-${currency}</Id><Acct><Id><IBAN>NG00${currency}0001</IBAN></Id><Ccy>${currency}</Ccy></Acct>` +
      `${balance('OPBD', OPENING_MINOR)}${balance('CLBD', closing)}${booked.join('')}</Stmt>`
    );
  });
  return `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>${statements.join('')}</BkToCstmrStmt></Document>`;
}
