import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { NORMAL_SIDE } from '../../../src/modules/ledger/accounts/account.js';
import {
  DONE,
  REFUSED,
  type Instruction,
  type PostingOutcome,
} from '../../../src/modules/ledger/transfers/transfer.js';
import {
  changeState,
  createHarness,
  differences,
  disagreements,
  openTestAccounts,
  transfer,
  type AccountSpec,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';
import { NaivePhases } from './naive-phases.js';

/** Of each property, in the time that `npm test` has; LEDGER_PROPERTY_RUNS asks for more. */
const RUNS = Number(process.env['LEDGER_PROPERTY_RUNS'] ?? 120);

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

/** Three ordinary accounts, two with limits, one in another currency; the seventh does not exist. */
const SPECS: readonly AccountSpec[] = [
  { kind: 'gateway_clearing' },
  { kind: 'merchant_pending' },
  {},
  { kind: 'merchant_available', limitMode: 'debits_must_not_exceed_credits' },
  { kind: 'bank', limitMode: 'credits_must_not_exceed_debits' },
  { currency: 'XOF' },
];
const ACCOUNTS = SPECS.length;

/** Few ids, so that many come twice, with the same or with other content, and name each other. */
const IDS = 9;
const PAST = new Date('2020-01-01T00:00:00Z');
const FUTURE = new Date('2100-01-01T00:00:00Z');

const step = fc.record({
  phase: fc.constantFrom(
    'single',
    'single',
    'pending',
    'pending',
    'post',
    'post',
    'void',
    'expire',
    'reverse',
    'reverse',
  ),
  id: fc.nat({ max: IDS - 1 }),
  names: fc.nat({ max: IDS - 1 }),
  debit: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat({ max: ACCOUNTS }) }),
  credit: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat({ max: ACCOUNTS }) }),
  amount: fc.bigInt({ min: 1n, max: 12n }),
  isWhole: fc.boolean(),
  expiresAt: fc.constantFrom(null, null, FUTURE, PAST),
  linked: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Each way in which a pending transfer ends, and a second end after it: chance alone brings not all of them in every run. */
const ENDED_TWICE: readonly Step[] = (
  [
    ['pending', 0, 0, null],
    ['post', 1, 0, null],
    ['post', 2, 0, null],
    ['pending', 3, 3, null],
    ['void', 4, 3, null],
    ['void', 5, 3, null],
    ['pending', 6, 6, PAST],
    ['expire', 7, 6, null],
    ['void', 8, 6, null],
  ] as const
).map(([phase, id, names, expiresAt]) => ({
  phase,
  id,
  names,
  expiresAt,
  debit: 0,
  credit: 1,
  amount: 5n,
  isWhole: true,
  linked: false,
}));

/** From few steps, so that many come again; and one account now and then is frozen, or opened again, between two batches. */
const POOL = 20;
const batch = fc.record({
  picks: fc.array(fc.nat({ max: POOL - 1 }), { minLength: 1, maxLength: 14, size: 'max' }),
  freeze: fc.option(fc.nat({ max: 4 }), { freq: 4 }),
});

function instruction(given: Step, accounts: readonly string[], ids: readonly string[]): Instruction {
  const id = ids[given.id] ?? '';
  const named = ids[given.names] ?? '';
  const effectiveAt = new Date('2026-02-03T23:59:59.999Z');
  const linked = given.linked ? { linked: true } : {};
  const amount = given.isWhole ? {} : { amountMinor: given.amount };
  const { phase } = given;
  if (phase === 'post' || phase === 'void' || phase === 'expire')
    return { phase, id, pendingId: named, effectiveAt, ...linked, ...(phase === 'post' ? amount : {}) };
  if (phase === 'reverse')
    return { phase, id, reversesId: named, kind: 'correction', effectiveAt, ...linked, ...amount };
  const transfer = {
    id,
    debitAccountId: accounts[given.debit] ?? '',
    creditAccountId: accounts[given.credit] ?? '',
    amountMinor: given.amount,
    kind: 'test',
    subjectId: null,
    effectiveAt,
    ...linked,
  };
  return phase === 'pending' ? { ...transfer, phase, expiresAt: given.expiresAt } : transfer;
}

/** The last of a batch has nothing after it to be linked with. */
function instructionsOf(steps: readonly Step[], accounts: readonly string[], ids: readonly string[]): Instruction[] {
  return steps.map((each, index) =>
    instruction(index === steps.length - 1 ? { ...each, linked: false } : each, accounts, ids),
  );
}

async function openBoth(naive: NaivePhases): Promise<string[]> {
  const accounts = await openTestAccounts(ledger, SPECS);
  for (const [index, spec] of SPECS.entries())
    naive.open({
      id: accounts[index] ?? '',
      unit: spec.currency ?? 'NGN',
      debitNormal: NORMAL_SIDE[spec.kind ?? 'suspense'] === 'debit',
      limitMode: spec.limitMode ?? 'none',
    });
  // What has a limit needs something to be limited to.
  const fund = (debit: number, credit: number): Instruction =>
    transfer(accounts[debit] ?? '', accounts[credit] ?? '', 20n, { kind: 'fund' });
  const funds = [fund(0, 3), fund(4, 2)];
  expect(await ledger.post(funds)).toEqual(naive.post(funds));
  return [...accounts, newUuid()];
}

interface Stored {
  readonly id: string;
  readonly debits: bigint;
  readonly credits: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly limitMode: string;
}

async function storedAccounts(ids: readonly string[]): Promise<Stored[]> {
  return ledger.database.query<Stored>(
    `SELECT id, debits_posted AS debits, credits_posted AS credits, debits_pending AS "debitsPending", credits_pending AS "creditsPending",
       limit_mode AS "limitMode" FROM ledger.account WHERE id = ANY($1)`,
    [ids],
  );
}

async function agree(naive: NaivePhases, ids: readonly string[]): Promise<void> {
  const stored = new Map((await storedAccounts(ids)).map((row) => [row.id, row]));
  const entries = await ledger.database.query<{ account: string }>(
    `SELECT account_id AS account, transfer_id AS "transferId", direction, amount, balance FROM ledger.entry
      WHERE account_id = ANY($1) ORDER BY account_id, account_version`,
    [ids],
  );
  for (const {
    id,
    debits,
    credits,
    debitsPending,
    creditsPending,
    limitMode,
    entries: expected,
  } of naive.accounts.values()) {
    expect(stored.get(id)).toEqual({ id, debits, credits, debitsPending, creditsPending, limitMode });
    expect(entries.filter(({ account }) => account === id).map(({ account: _, ...entry }) => entry)).toEqual(expected);
  }
}

/** What nothing may ever break, whatever was posted, on all accounts there are. */
async function assertLawful(ids: readonly string[]): Promise<void> {
  for (const { debits, credits, debitsPending, creditsPending, limitMode } of await storedAccounts(ids)) {
    if (limitMode === 'debits_must_not_exceed_credits') expect(debits + debitsPending).toBeLessThanOrEqual(credits);
    if (limitMode === 'credits_must_not_exceed_debits') expect(credits + creditsPending).toBeLessThanOrEqual(debits);
  }
  expect(await disagreements(ledger)).toBe(0n);
  for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
}

/** What never came about was never compared. */
const seen = new Set<PostingOutcome>();

describe('pending, posting, voiding, expiring, reversing, linking and freezing', () => {
  it('end as if a naive ledger had done one after the other', async () => {
    const opened: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: POOL, maxLength: POOL }),
        fc.array(batch, { minLength: 2, maxLength: 5, size: 'max' }),
        async (pool, batches) => {
          const naive = new NaivePhases();
          const accounts = await openBoth(naive);
          opened.push(...accounts);
          const ids = Array.from({ length: IDS }, () => newUuid());
          for (const { picks, freeze } of batches) {
            const steps = picks.flatMap((pick) => pool[pick] ?? []);
            if (freeze !== null) await toggle(naive, accounts[freeze] ?? '');
            const instructions = instructionsOf(steps, accounts, ids);
            const expected = naive.post(instructions);
            expect(await ledger.post(instructions)).toEqual(expected);
            for (const outcome of expected) seen.add(outcome);
          }
          await agree(naive, accounts);
        },
      ),
      { numRuns: RUNS },
    );
    await assertLawful(opened);
  }, 60_000);

  it('come out the same whatever batches they are cut into', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 24, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, size) => {
          const naive = new NaivePhases();
          const accounts = await openBoth(naive);
          const ids = Array.from({ length: IDS }, () => newUuid());
          const all = instructionsOf(steps, accounts, ids);
          const outcomes: PostingOutcome[] = [];
          for (let start = 0; start < all.length;) {
            let end = Math.min(start + size, all.length);
            while (all[end - 1]?.linked === true) end += 1;
            outcomes.push(...(await ledger.post(all.slice(start, end))));
            start = end;
          }
          expect(outcomes).toEqual(naive.post(all));
          for (const outcome of outcomes) seen.add(outcome);
          await agree(naive, accounts);
        },
      ),
      { numRuns: RUNS, examples: [[[...ENDED_TWICE], 4]] },
    );
  }, 60_000);

  it('end as some order of the batches would have it, where they come at once', async () => {
    const processes = Array.from({ length: 4 }, () => harness.process());
    const opened: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: IDS, maxLength: IDS }),
        fc.array(fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }), { minLength: 3, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })), { minLength: PAIRS, maxLength: PAIRS }),
        async (made, batches, pairs) => {
          const naive = new NaivePhases();
          const accounts = await openBoth(naive);
          opened.push(...accounts);
          const ids = Array.from({ length: 3 * IDS }, () => newUuid());
          const setup = instructionsOf(
            made.map((each, index) => before(each, index, pairs)),
            accounts,
            ids,
          );
          expect(await ledger.post(setup)).toEqual(naive.post(setup));
          const all = batches.map((steps) =>
            instructionsOf(
              steps.map((each) => within(each, pairs)),
              accounts,
              ids,
            ),
          );
          const outcomes = await Promise.all(all.map((each, index) => postAgain(processes[index] ?? ledger, each)));
          const matching = permutations(all.map((_, index) => index)).find((order) => {
            const alone = naive.copy();
            return order.every((index) => String(alone.post(all[index] ?? [])) === String(outcomes[index]));
          });
          expect(matching).toBeDefined();
          for (const index of matching ?? []) naive.post(all[index] ?? []);
          for (const outcome of outcomes.flat()) seen.add(outcome);
          const stored = new Map((await storedAccounts(accounts)).map((row) => [row.id, row]));
          for (const { id, debits, credits, debitsPending, creditsPending, limitMode } of naive.accounts.values())
            expect(stored.get(id)).toEqual({ id, debits, credits, debitsPending, creditsPending, limitMode });
        },
      ),
      { numRuns: RUNS },
    );
    await assertLawful(opened);
  }, 60_000);

  it('have every outcome among them', () => {
    expect([...DONE, ...REFUSED].filter((outcome) => !seen.has(outcome) && outcome !== 'account_closed')).toEqual([]);
  });
});

/**
 * What is refused does not keep its id, and what is not found is on no account that could be locked: two batches that use an id for two
 * things, or each name what the other is making, may both be told that the other was not there. So an id stands for one pair of accounts
 * here, or for the end or reversal of one other transfer, as ids do wherever they are made for a purpose; and what is named was made before.
 */
const PAIRS = 3;
type Pairs = readonly (readonly [number, number])[];

const onPair = (given: Step, pairs: Pairs): Step => {
  const [debit = 0, credit = 0] = pairs[given.id % PAIRS] ?? [];
  return { ...given, debit, credit };
};

/** The first of the ids: what the batches that come at once then name. */
const before = (given: Step, index: number, pairs: Pairs): Step =>
  onPair({ ...given, phase: index % 3 === 0 ? 'single' : 'pending', id: index, linked: false }, pairs);

/** The second of the ids, for what names one of the first; and the third. */
function within(given: Step, pairs: Pairs): Step {
  const isNaming = ['post', 'void', 'expire', 'reverse'].includes(given.phase);
  return isNaming ? { ...given, id: IDS + given.names } : onPair({ ...given, id: 2 * IDS + given.id }, pairs);
}

async function toggle(naive: NaivePhases, id: string): Promise<void> {
  const state = naive.accounts.get(id)?.state === 'frozen' ? 'open' : 'frozen';
  expect(await changeState(ledger, id, state)).toBe('changed');
  naive.setState(id, state);
}

/** What is named may come while it is being named: then the call is to be made again. */
async function postAgain(
  process: LedgerProcess,
  instructions: readonly Instruction[],
): Promise<readonly PostingOutcome[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await process.post(instructions);
    } catch (error) {
      if (tries === 5 || (error as { code?: string }).code !== '40001') throw error;
    }
  }
}

function permutations<T>(of: readonly T[]): T[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first, index) =>
    permutations(of.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}
