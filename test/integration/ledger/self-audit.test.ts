/** The self-audit: finds whatever was made to drift, freezes and reports it; and never an account that has not, whatever is posted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { accountDrifted } from '../../../src/contracts/ledger.events.js';
import type { LedgerAuditFreezes } from '../../../src/config/env.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { LedgerMetrics } from '../../../src/modules/ledger/ledger.metrics.js';
import { Auditor } from '../../../src/modules/ledger/proof/audit/audit-accounts.js';
import { listDrifts } from '../../../src/modules/ledger/proof/audit/audit.store.js';
import { rollUp } from '../../../src/modules/ledger/statements/day-totals.store.js';
import { asked, collect, take, told } from './disbursement-events.js';
import { changeState, createHarness, type LedgerHarness, type LedgerProcess } from './harness.js';
import { openMany, postMany, postPhases } from './proof-harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;
beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
});
afterEach(() => harness.close());

const owner = (sql: string) => harness.superuser.query(`SET session_replication_role = replica; ${sql}`);

function auditorOf(
  of: LedgerProcess,
  settings: { freezes?: LedgerAuditFreezes; entriesPerSecond?: number } = {},
): Auditor {
  return new Auditor({
    database: of.database,
    logger: new Logger({ logLevel: 'silent' }),
    metrics: new LedgerMetrics(of.metrics),
    freezes: settings.freezes ?? 'all',
    entriesPerSecond: settings.entriesPerSecond ?? 20_000,
  });
}

async function round(auditor: Auditor): Promise<number> {
  for (let steps = 1; ; steps += 1) if (await auditor.step()) return steps;
}

const drifts = () => listDrifts(ledger.database, { take: 100 }, undefined);

async function stateOf(
  account: string,
): Promise<{ state: string; reason: string | null; actor: string | null } | undefined> {
  const [row] = await harness.superuser.query<{ state: string; reason: string | null; actor: string | null }>(
    `SELECT a.state, s.reason, s.actor FROM ledger.account a LEFT JOIN ledger.account_state_change s ON s.account_id = a.id
      WHERE a.id = $1 ORDER BY s.number DESC LIMIT 1`,
    [account],
  );
  return row;
}

/** Four accounts with more than a thousand entries each, so that totals by day are kept, and something pending. */
async function fill(): Promise<string[]> {
  const accounts = await openMany(ledger, 4);
  await postMany(ledger, accounts, 2_400);
  await postPhases(ledger, accounts[0] ?? '', accounts[1] ?? '');
  while ((await rollUp(ledger.database, 10)) > 0);
  await postMany(ledger, accounts, 100);
  return accounts;
}

describe('the self-audit', () => {
  const PLANTS: readonly (readonly [string, string])[] = [
    ['debits_posted', 'UPDATE ledger.account SET debits_posted = debits_posted + 1 WHERE id = $'],
    ['credits_posted', 'UPDATE ledger.account SET credits_posted = credits_posted - 1 WHERE id = $'],
    ['debits_pending', 'UPDATE ledger.account SET debits_pending = debits_pending + 1 WHERE id = $'],
    ['credits_pending', 'UPDATE ledger.account SET credits_pending = credits_pending + 1 WHERE id = $'],
    ['version', 'UPDATE ledger.account SET version = version + 1 WHERE id = $'],
    [
      'day_totals',
      'UPDATE ledger.day_total SET credits = credits + 1 WHERE account_id = $ AND effective_on = (SELECT max(effective_on) FROM ledger.day_total WHERE account_id = $)',
    ],
    [
      'version',
      'INSERT INTO ledger.entry SELECT account_id, account_version + 1, transfer_id, direction, amount, balance, booked_at, effective_on FROM ledger.entry WHERE account_id = $ ORDER BY account_version DESC LIMIT 1',
    ],
    [
      'balance',
      'UPDATE ledger.entry SET balance = balance + 1 WHERE (account_id, account_version) = (SELECT id, version FROM ledger.account WHERE id = $)',
    ],
  ];

  it.each(PLANTS)(
    'finds a drifted %s, freezes the account, reports it once, and is content again when it is put right (%s)',
    async (column, plant) => {
      const accounts = await fill();
      const auditor = auditorOf(ledger);
      if (column !== 'balance') {
        await round(auditor);
        expect(await drifts()).toEqual([]);
      }
      const account = accounts[2] ?? '';
      await owner(plant.replaceAll('$', `'${account}'`));
      await round(auditor);
      const [drift] = await drifts();
      expect(drift).toMatchObject({ accountId: account, frozen: true, endedAt: null });
      expect(drift?.totals.map((total) => total.column)).toContain(column);
      expect(await stateOf(account)).toMatchObject({
        state: 'frozen',
        actor: 'system',
        reason: expect.stringMatching(/^self-audit: /) as string,
      });
      for (const other of accounts.filter((each) => each !== account))
        expect(await stateOf(other)).toMatchObject({ state: 'open' });
      const events = await harness.superuser.query<{ payload: unknown; aggregateid: string }>(
        'SELECT payload, aggregateid FROM messaging.outbox WHERE type = $1',
        [accountDrifted.type],
      );
      expect(events.map(({ aggregateid }) => aggregateid)).toEqual([account]);
      expect(accountDrifted.schema.parse(events[0]?.payload)).toMatchObject({ account_id: account, frozen: true });
      expect(await ledger.metrics.registry.getSingleMetricAsString('sankofa_ledger_accounts_drifted_total')).toMatch(
        /total 1$/m,
      );
      await round(auditor);
      expect(await drifts()).toHaveLength(1);

      // Opened without being put right, it is frozen again.
      await changeState(ledger, account, 'open');
      await round(auditor);
      expect(await stateOf(account)).toMatchObject({ state: 'frozen' });
      expect((await drifts()).map(({ endedAt }) => endedAt === null)).toEqual([true, false]);

      await putRight(account, plant);
      await changeState(ledger, account, 'open');
      await round(auditor);
      expect(await stateOf(account)).toMatchObject({ state: 'open' });
      expect((await drifts()).every(({ endedAt }) => endedAt !== null)).toBe(true);
    },
    60_000,
  );

  /** The opposite of what was planted. */
  async function putRight(account: string, plant: string): Promise<void> {
    if (plant.startsWith('INSERT'))
      return void (await owner(
        `DELETE FROM ledger.entry WHERE (account_id, account_version) = (SELECT id, version + 1 FROM ledger.account WHERE id = '${account}')`,
      ));
    const turned = plant.includes(' + 1') ? plant.replace(' + 1', ' - 1') : plant.replace(' - 1', ' + 1');
    await owner(turned.replaceAll('$', `'${account}'`));
  }

  it('takes a wrong checkpoint for what it is', async () => {
    const accounts = await fill();
    const auditor = auditorOf(ledger);
    await round(auditor);
    await owner(`UPDATE ledger.audit_checkpoint SET debits = debits + 9 WHERE account_id = '${accounts[1]}'`);
    await round(auditor);
    await round(auditor);
    expect(await drifts()).toEqual([]);
  });

  it('reads what is new alone, and no more at a time than it may', async () => {
    const accounts = await fill();
    const auditor = auditorOf(ledger, { entriesPerSecond: 1_500 });
    const first = await round(auditor);
    expect(first).toBeGreaterThan(4);
    const read = async () =>
      Number(
        /total (\d+)$/m.exec(
          await ledger.metrics.registry.getSingleMetricAsString('sankofa_ledger_audited_entries_total'),
        )?.[1],
      );
    const before = await read();
    const [{ entries } = { entries: 0 }] = await harness.superuser.query<{ entries: number }>(
      'SELECT count(*)::int AS entries FROM ledger.entry',
    );
    expect(before).toBe(entries);
    await postMany(ledger, accounts, 7);
    await round(auditor);
    expect((await read()) - before).toBe(14);
  });

  it('leaves accounts of the platform open where it is told to, and reports them', async () => {
    const [platform = '', other = ''] = await openMany(ledger, 2);
    await postMany(ledger, [platform, other], 10);
    const merchant = newUuid();
    await collect(ledger, merchant, 1_000, newUuid(), { attempt_id: newUuid() });
    const [own] = await harness.superuser.query<{ id: string }>(
      'SELECT id FROM ledger.account WHERE merchant_id = $1 AND version > 0',
      [merchant],
    );
    await owner(
      `UPDATE ledger.account SET debits_posted = debits_posted + 1 WHERE id IN ('${platform}', '${own?.id}')`,
    );
    const auditor = auditorOf(ledger, { freezes: 'merchants' });
    await round(auditor);
    await round(auditor);
    expect((await drifts()).map(({ accountId, frozen }) => [accountId, frozen]).toSorted()).toEqual(
      [
        [platform, false],
        [own?.id, true],
      ].toSorted(),
    );
    expect(await stateOf(platform)).toMatchObject({ state: 'open' });
    expect(await stateOf(own?.id ?? '')).toMatchObject({ state: 'frozen' });
  });

  it('never takes a posting in the middle of something for a drift', async () => {
    const accounts = await fill();
    const merchant = newUuid();
    await collect(ledger, merchant, 100_000, newUuid(), { attempt_id: newUuid() });
    const auditors = [auditorOf(harness.process()), auditorOf(harness.process())];
    let isOver = false;
    const posting = (async () => {
      const poster = harness.process();
      for (let turn = 0; turn < 25; turn += 1) {
        await postMany(poster, accounts, 100);
        await postPhases(poster, accounts[turn % 4] ?? '', accounts[(turn + 1) % 4] ?? '');
        const held = asked(merchant, 10, { kind: 'payout', gatewayAccountId: newUuid() });
        await take(poster, [told(held, 'created')]);
        if (turn % 2 === 0) await take(poster, [told(held, 'failed')]);
      }
    })().finally(() => (isOver = true));
    const rolling = (async () => {
      while (!isOver) {
        await rollUp(ledger.database, 10);
        await sleep(5);
      }
    })();
    let rounds = 0;
    const auditing = auditors.map(async (auditor) => {
      while (!isOver) if (await auditor.step()) rounds += 1;
    });
    await Promise.all([posting, rolling, ...auditing]);
    expect(rounds).toBeGreaterThan(10);
    await round(auditorOf(ledger));
    expect(await drifts()).toEqual([]);
  }, 60_000);
});
