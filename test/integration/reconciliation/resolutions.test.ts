/** What is decided about breaks: by two people where money moves, by the program where it is certain; and that a run keeps to it. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { approve, reject } from '../../../src/modules/reconciliation/resolutions/decide.js';
import { propose, type Asked } from '../../../src/modules/reconciliation/resolutions/propose.js';
import { personIn, type PersonInSession } from '../../support/session.js';
import { plantDay, PLANTS, type DayOptions, type PlantedDay } from '../../support/planted-day.js';
import { askForRun, DAY, everyResult, startHarness, takeDay, workThrough, type Harness } from './harness.js';

const MANAGES = { reconciliation: 'manage' };

let harness: Harness;
let account: string;
let ama: PersonInSession;
let kofi: PersonInSession;
beforeAll(async () => {
  harness = await startHarness();
  [ama, kofi] = [await personIn(harness.database, MANAGES), await personIn(harness.database, MANAGES)];
});
beforeEach(() => {
  account = newUuid();
});
afterAll(() => harness.close());

/** Undefined when it is not rejected. */
const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

function dayOf(differing: Partial<DayOptions>): PlantedDay {
  return plantDay({
    seed: 9,
    gatewayAccountId: account,
    merchantId: newUuid(),
    day: DAY,
    plain: 20,
    plants: {},
    odd: {},
    ...differing,
  });
}

async function reconcile(feeToleranceBps = 0) {
  await askForRun(harness, account);
  return workThrough(harness, { feeToleranceBps });
}

interface BreakRow {
  readonly id: string;
  readonly kind: string;
  readonly attempt_id: string | null;
  readonly amount: string;
  readonly closed_why: string | null;
}

const breaks = (where = 'true'): Promise<BreakRow[]> =>
  harness.database.query<BreakRow>(
    `SELECT id, kind, attempt_id, amount, closed_why FROM reconciliation.break WHERE gateway_account_id = $1 AND ${where} ORDER BY id`,
    [account],
  );
const openBreaks = (): Promise<BreakRow[]> => breaks('closed_at IS NULL');

const events = (type: string) =>
  harness.database.query<{ payload: Record<string, unknown> }>(
    `SELECT payload FROM messaging.outbox WHERE type = $1
      AND (payload->>'gateway_account_id' = $2 OR payload->>'attempt_id' IN (SELECT attempt_id::text FROM reconciliation.record WHERE gateway_account_id = $2::uuid))`,
    [type, account],
  );

const ask = (asked: Partial<Asked> & Pick<Asked, 'breakIds' | 'action'>) =>
  propose(harness.ours, {
    account: null,
    attemptIds: [],
    remark: 'as agreed',
    by: ama,
    cause: { correlationId: 'x' },
    ...asked,
  });
const decision = (id: string, by: PersonInSession) => ({ id, by, remark: null, cause: { correlationId: 'x' } });

const asRole = (sql: string, values: readonly unknown[] = []) => harness.ours.query(sql, values);
const asOwner = (sql: string, values: readonly unknown[] = []) => harness.database.query(sql, [...values]);

/** Of the database's refusal. */
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { readonly code: string }).code,
  );

/** As time alone, or an earlier version, could have it. */
async function unguarded(sql: string, id: string): Promise<void> {
  await asOwner('ALTER TABLE reconciliation.resolution DISABLE TRIGGER USER');
  await asOwner(sql, [id]);
  await asOwner('ALTER TABLE reconciliation.resolution ENABLE TRIGGER USER');
}

/** Asked for by Ama, and waiting. @returns its id */
async function proposal(): Promise<string> {
  await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
  await reconcile();
  const [made] = await ask({ breakIds: [(await theOnly()).id], action: 'write_off' });
  return made?.id ?? '';
}

async function theOnly(): Promise<BreakRow> {
  const [found, other] = await openBreaks();
  if (found === undefined || other !== undefined) throw new Error('there is not one open break');
  return found;
}

describe('what is certain', () => {
  it('a fee within tolerance is booked by the run that finds it, and by none after it', async () => {
    await takeDay(harness, account, dayOf({ plants: { fee: 3 } }));
    const run = await reconcile(10_000);
    expect(run.counts).toMatchObject({ opened: 3, resolved: 3, asked: 0 });
    expect(await openBreaks()).toEqual([]);
    const found = await breaks();
    const booked = await events('reconciliation.adjustment_approved.v1');
    expect(
      booked.map(({ payload }) => [payload['account'], payload['subject_id'], payload['amount']]).toSorted(),
    ).toEqual(found.map((each) => ['gateway_fees', each.attempt_id, Number(each.amount)]).toSorted());
    const before = await everyResult(harness, account);
    const again = await reconcile(10_000);
    expect(again.counts).toMatchObject({ opened: 0, changed: 0, closed: 0, resolved: 0 });
    expect(await everyResult(harness, account)).toEqual(before);
    expect(await events('reconciliation.adjustment_approved.v1')).toHaveLength(3);
  });

  it('a fee beyond it waits for people', async () => {
    await takeDay(harness, account, dayOf({ plants: { fee: 1 } }));
    expect((await reconcile(0)).counts).toMatchObject({ opened: 1, resolved: 0 });
    expect(await openBreaks()).toHaveLength(1);
  });

  it('gateways are asked again about what they tell otherwise, and about what they deny as such; once', async () => {
    await takeDay(
      harness,
      account,
      dayOf({ plants: { status_pending_here: 1, status_failed_there: 1, missing_there: 1, amount: 1 } }),
    );
    expect((await reconcile()).counts).toMatchObject({ opened: 4, asked: 3 });
    const asked = await events('reconciliation.attempt_questioned.v1');
    expect(asked.map(({ payload }) => payload['denied']).toSorted()).toEqual([false, true, true]);
    await reconcile();
    expect(await events('reconciliation.attempt_questioned.v1')).toHaveLength(3);
    expect(await openBreaks()).toHaveLength(4);
  });
});

describe('what people decide', () => {
  it('a break that is dismissed stays so while it says the same, and no longer', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const found = await theOnly();
    const [made] = await ask({ breakIds: [found.id], action: 'dismiss' });
    expect(made).toMatchObject({ state: 'done', requestedBy: ama.id, isAutomatic: false, amount: null });
    expect((await breaks())[0]?.closed_why).toBe('dismissed: as agreed');
    expect((await reconcile()).counts).toMatchObject({ opened: 0 });
    await harness.database.query(
      `UPDATE reconciliation.line SET amount = amount + 7 WHERE gateway_account_id = $1 AND id = (SELECT line_id FROM reconciliation.break WHERE id = $2)`,
      [account, found.id],
    );
    expect((await reconcile()).counts).toMatchObject({ opened: 1 });
    expect((await theOnly()).id).not.toBe(found.id);
  });

  it('money moves when a second person has approved it, and not before', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const found = await theOnly();
    const [made] = await ask({ breakIds: [found.id], action: 'write_off' });
    const id = made?.id ?? '';
    expect(made).toMatchObject({
      state: 'proposed',
      account: 'write_offs',
      amount: BigInt(found.amount),
      requestedBy: ama.id,
    });
    expect(await events('reconciliation.adjustment_approved.v1')).toEqual([]);
    expect((await theOnly()).id).toBe(found.id);

    expect(await rejectionOf(approve(harness.ours, decision(id, ama)))).toMatchObject({
      code: 'reconciliation.needs_another',
    });
    expect(await rejectionOf(ask({ breakIds: [found.id], action: 'write_off' }))).toMatchObject({
      code: 'reconciliation.proposed_already',
    });
    expect(await approve(harness.ours, decision(id, kofi))).toMatchObject({ state: 'approved', decidedBy: kofi.id });
    expect(await openBreaks()).toEqual([]);
    expect((await events('reconciliation.adjustment_approved.v1')).map(({ payload }) => payload)).toMatchObject([
      { resolution_id: id, account: 'write_offs', amount: Number(found.amount), subject_id: found.attempt_id },
    ]);
    expect(await rejectionOf(approve(harness.ours, decision(id, kofi)))).toMatchObject({
      code: 'reconciliation.resolution_decided',
    });
    expect((await reconcile()).counts).toMatchObject({ opened: 0, changed: 0, closed: 0 });
  });

  it('the database itself refuses that one person does both', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const [made] = await ask({ breakIds: [(await theOnly()).id], action: 'write_off' });
    const id = made?.id;
    const decided = `state = 'approved', decided_at = now()`;
    const itself = `UPDATE reconciliation.resolution SET ${decided}, decided_by = requested_by, decided_in = requested_in WHERE id = $1`;
    const nobody = `UPDATE reconciliation.resolution SET ${decided} WHERE id = $1`;
    for (const write of [asRole, asOwner]) {
      expect(await codeOf(write(itself, [id]))).toBe('23514');
      expect(await codeOf(write(nobody, [id]))).toBe('28000');
      expect(await codeOf(write('DELETE FROM reconciliation.resolution WHERE id = $1', [id]))).toBe('42501');
    }
  });

  it('the database itself refuses whoever approves outside an open session of their own', async () => {
    const made = await proposal();
    const approveAs = ({ id, sessionId }: { readonly id: string; readonly sessionId: string | null }) =>
      asRole(
        `UPDATE reconciliation.resolution SET state = 'approved', decided_at = now(), decided_by = $2, decided_in = $3 WHERE id = $1`,
        [made, id, sessionId],
      );
    const over = await personIn(harness.database, MANAGES);
    await asOwner('UPDATE access.session SET ended_at = now() WHERE session_id = $1', [over.sessionId]);
    const late = await personIn(harness.database, MANAGES);
    await asOwner(`UPDATE access.session SET expires_at = now() - interval '1 second' WHERE session_id = $1`, [
      late.sessionId,
    ]);
    const unproved = await personIn(harness.database, MANAGES);
    await asOwner('UPDATE access.session SET proved_at = NULL WHERE session_id = $1', [unproved.sessionId]);
    const disabled = await personIn(harness.database, MANAGES);
    await asOwner('UPDATE access.admin SET disabled = true WHERE admin_id = $1', [disabled.id]);
    for (const somebody of [over, late, unproved, disabled]) expect(await codeOf(approveAs(somebody))).toBe('28000');
    expect(await codeOf(approveAs({ id: kofi.id, sessionId: ama.sessionId }))).toBe('28000');
    expect(await codeOf(approveAs({ id: newUuid(), sessionId: kofi.sessionId }))).toBe('28000');
    expect(await codeOf(approveAs({ id: kofi.id, sessionId: null }))).toBe('28000');
    expect(await codeOf(approveAs(kofi))).toBe('done');
    const another = `UPDATE reconciliation.resolution SET state = 'done', booked_at = now(), decision_remark = 'another' WHERE id = $1`;
    expect(await codeOf(asRole(another, [made]))).toBe('42501');
  });

  it('the database itself refuses what moves money and was not asked for by a person in a session', async () => {
    const made = await proposal();
    const copy = (change: Readonly<Record<string, unknown>>) =>
      asOwner(
        `INSERT INTO reconciliation.resolution SELECT (jsonb_populate_record(z, $2::jsonb)).* FROM reconciliation.resolution z WHERE id = $1`,
        [made, JSON.stringify({ id: newUuid(), state: 'proposed', created_at: new Date(), ...change })],
      );
    const decided = { decided_by: kofi.id, decided_in: kofi.sessionId, decided_at: new Date() };
    expect(await codeOf(copy({ state: 'approved', ...decided }))).toBe('42501');
    expect(await codeOf(copy({ state: 'approved' }))).toBe('42501');
    expect(await codeOf(copy({ requested_in: null }))).toBe('28000');
    expect(await codeOf(copy({ requested_in: kofi.sessionId }))).toBe('28000');
    expect(await codeOf(copy({ created_at: new Date(Date.now() + 86_400_000) }))).toBe('42501');
    // Nor may the program book by itself what is not a fee that a gateway kept.
    const itself = { is_automatic: true, requested_by: null, requested_in: null, state: 'approved' };
    expect(await codeOf(copy(itself))).toBe('42501');
    expect(await codeOf(copy({ ...itself, action: 'adjust', account: 'gateway_fees' }))).toBe('42501');
    // Nothing else keeps these from being there: there is one that counts, and it is the one that was made.
    expect(await codeOf(copy({}))).toBe('23505');
  });

  it('the database itself refuses that what was asked for changes, or expires before its time', async () => {
    const made = await proposal();
    const changes = {
      action: 'adjust',
      account: 'suspense',
      amount: 1,
      clearing_side: 'debit',
      remark: 'another',
      content: 'another',
      requested_by: kofi.id,
      requested_in: kofi.sessionId,
      created_at: new Date(0),
      is_automatic: true,
    };
    for (const [column, value] of Object.entries(changes))
      for (const write of [asRole, asOwner])
        expect([
          column,
          await codeOf(write(`UPDATE reconciliation.resolution SET ${column} = $2 WHERE id = $1`, [made, value])),
        ]).toEqual([column, '42501']);
    const expire = `UPDATE reconciliation.resolution SET state = 'expired', decided_at = now() WHERE id = $1`;
    expect(await codeOf(asRole(expire, [made]))).toBe('42501');
  });

  it('whoever was signed out meanwhile is told so, and nothing is decided', async () => {
    const made = await proposal();
    const over = await personIn(harness.database, MANAGES);
    await asOwner('UPDATE access.session SET ended_at = now() WHERE session_id = $1', [over.sessionId]);
    const told = { code: 'auth.session_over' };
    expect(await rejectionOf(approve(harness.ours, decision(made, over)))).toMatchObject(told);
    expect(await rejectionOf(reject(harness.ours, decision(made, over)))).toMatchObject(told);
    expect((await reject(harness.ours, decision(made, kofi))).state).toBe('rejected');
    const [found] = await openBreaks();
    const again = { breakIds: [found?.id ?? ''], action: 'write_off' } as const;
    expect(await rejectionOf(ask({ ...again, by: over }))).toMatchObject(told);
    expect(await ask(again)).toMatchObject([{ state: 'proposed' }]);
  });

  it.each([
    ['left', 'disabled = true'],
    ['may only read by now', `permissions = '{"reconciliation": "read"}'`],
    ['may nothing of it by now', `permissions = '{"ledger": "authorise"}'`],
  ])('nothing is booked that was asked for by somebody who %s, and it can be rejected', async (_, change) => {
    const made = await proposal();
    const [asker] = await harness.database.query('SELECT * FROM access.admin WHERE admin_id = $1', [ama.id]);
    await asOwner(`UPDATE access.admin SET ${change} WHERE admin_id = $1`, [ama.id]);
    try {
      const alone = `UPDATE reconciliation.resolution SET state = 'approved', decided_at = now(), decided_by = $2, decided_in = $3 WHERE id = $1`;
      for (const write of [asRole, asOwner])
        expect(await codeOf(write(alone, [made, kofi.id, kofi.sessionId]))).toBe('28000');
      expect(await rejectionOf(approve(harness.ours, decision(made, kofi)))).toMatchObject({
        code: 'approval.maker_gone',
      });
      expect(await events('reconciliation.adjustment_approved.v1')).toEqual([]);
      expect(await reject(harness.ours, decision(made, kofi))).toMatchObject({ state: 'rejected' });
    } finally {
      await asOwner('UPDATE access.admin SET disabled = false, permissions = $2 WHERE admin_id = $1', [
        ama.id,
        JSON.stringify((asker as { permissions: unknown }).permissions),
      ]);
    }
  });

  it('where the module has a database of its own, in which nobody is known, two people are still two', async () => {
    const { database } = harness;
    await database.query('CREATE TABLE kept_session AS TABLE access.session');
    await database.query('CREATE TABLE kept_admin AS TABLE access.admin');
    await database.query('DELETE FROM access.session');
    await database.query('DELETE FROM access.admin');
    try {
      const made = await proposal();
      expect(await rejectionOf(approve(harness.ours, decision(made, ama)))).toMatchObject({
        code: 'reconciliation.needs_another',
      });
      const alone = `UPDATE reconciliation.resolution SET state = 'approved', decided_at = now(), decided_by = $2, decided_in = $3 WHERE id = $1`;
      expect(await codeOf(asRole(alone, [made, ama.id, ama.sessionId]))).toBe('23514');
      expect(await approve(harness.ours, decision(made, kofi))).toMatchObject({
        state: 'approved',
        decidedBy: kofi.id,
      });
    } finally {
      await database.query('INSERT INTO access.admin SELECT * FROM kept_admin');
      await database.query('INSERT INTO access.session SELECT * FROM kept_session');
      await database.query('DROP TABLE kept_admin, kept_session');
    }
  });

  it('a key proposes nothing that moves money', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const found = await theOnly();
    const key = { id: newUuid(), sessionId: null };
    for (const action of ['write_off', 'adjust'] as const)
      expect(await rejectionOf(ask({ breakIds: [found.id], action, account: 'suspense', by: key }))).toMatchObject({
        code: 'auth.people_only',
      });
    expect(await ask({ breakIds: [found.id], action: 'dismiss', by: key })).toMatchObject([
      { state: 'done', requestedBy: key.id, requestedIn: null },
    ]);
  });

  it('what a key had proposed before that took a person is approved no more, and can be rejected', async () => {
    const made = await proposal();
    await unguarded('UPDATE reconciliation.resolution SET requested_in = NULL WHERE id = $1', made);
    expect(await rejectionOf(approve(harness.ours, decision(made, kofi)))).toMatchObject({ code: 'auth.people_only' });
    const decided = `state = 'approved', decided_at = now(), decided_by = $2, decided_in = $3`;
    const itself = asRole(`UPDATE reconciliation.resolution SET ${decided} WHERE id = $1`, [
      made,
      kofi.id,
      kofi.sessionId,
    ]);
    expect(await codeOf(itself)).toBe('42501');
    expect(await reject(harness.ours, decision(made, kofi))).toMatchObject({ state: 'rejected', decidedBy: kofi.id });
  });

  it('a proposal ends with the figures that it was made for', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const found = await theOnly();
    const [made] = await ask({ breakIds: [found.id], action: 'write_off' });
    await harness.database.query(
      `UPDATE reconciliation.line SET amount = amount + 7 WHERE id = (SELECT line_id FROM reconciliation.break WHERE id = $1)`,
      [found.id],
    );
    await reconcile();
    const refused = await rejectionOf(approve(harness.ours, decision(made?.id ?? '', kofi)));
    expect(refused).toMatchObject({ code: 'reconciliation.break_changed' });
    expect(await events('reconciliation.adjustment_approved.v1')).toEqual([]);
    // Whoever proposed it takes it back, and proposes what is right now.
    expect(await reject(harness.ours, { id: made?.id ?? '', by: ama, remark: 'old' })).toMatchObject({
      state: 'rejected',
      decidedBy: null,
    });
    const [next] = await ask({ breakIds: [found.id], action: 'write_off' });
    expect(next?.amount).not.toBe(made?.amount);
  });

  it('a proposal expires, and makes room for another', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1 } }));
    await reconcile();
    const found = await theOnly();
    const [made] = await ask({ breakIds: [found.id], action: 'write_off' });
    await unguarded(
      `UPDATE reconciliation.resolution SET created_at = now() - interval '8 days' WHERE id = $1`,
      made?.id ?? '',
    );
    expect(await rejectionOf(approve(harness.ours, decision(made?.id ?? '', kofi)))).toMatchObject({
      code: 'reconciliation.resolution_decided',
    });
    const [next] = await ask({ breakIds: [found.id], action: 'write_off' });
    expect(await approve(harness.ours, decision(next?.id ?? '', kofi))).toMatchObject({ state: 'approved' });
  });

  it('several are resolved together, or none', async () => {
    await takeDay(harness, account, dayOf({ plants: { amount: 1, currency: 1 } }));
    await reconcile();
    const all = await openBreaks();
    const breakIds = all.map(({ id }) => id);
    expect(await rejectionOf(ask({ breakIds, action: 'write_off' }))).toMatchObject({
      code: 'reconciliation.cannot_resolve_so',
    });
    expect(
      await harness.database.query('SELECT id FROM reconciliation.resolution WHERE gateway_account_id = $1', [account]),
    ).toEqual([]);
    expect((await ask({ breakIds, action: 'dismiss' })).map(({ breakId }) => breakId)).toEqual(breakIds);
    expect(await rejectionOf(ask({ breakIds, action: 'dismiss' }))).toMatchObject({
      code: 'reconciliation.break_closed',
    });
    expect(await rejectionOf(ask({ breakIds: [newUuid()], action: 'dismiss' }))).toMatchObject({
      code: 'reconciliation.break_not_found',
    });
  });

  it('of every kind that is planted it is known whether it can be booked', async () => {
    await takeDay(harness, account, dayOf({ plants: Object.fromEntries(PLANTS.map((plant) => [plant, 1])) }));
    await reconcile();
    const can: string[] = [];
    const cannot: string[] = [];
    for (const found of await breaks(`closed_at IS NULL AND side = 'gateway'`)) {
      const done = ask({ breakIds: [found.id], action: 'adjust', account: 'suspense' });
      await done.then(
        () => can.push(found.kind),
        () => cannot.push(found.kind),
      );
    }
    expect([...new Set(can)].toSorted()).toEqual([
      'amount',
      'duplicate',
      'fee',
      'missing_here',
      'missing_there',
      'status',
    ]);
    expect([...new Set(cannot)].toSorted()).toEqual(['currency', 'late']);
  });
});

describe('what people put together', () => {
  /** A payment without a line, and a line without a payment, of other amounts. */
  async function strangers(
    plants: DayOptions['plants'] = { missing_here: 1, missing_there: 1 },
  ): Promise<readonly string[]> {
    await takeDay(harness, account, dayOf({ plants }));
    await reconcile();
    return (await openBreaks()).map(({ id }) => id);
  }
  const makeEqual = (sql: string) =>
    harness.database.query(
      `UPDATE reconciliation.line SET amount = (${sql}) WHERE id IN (SELECT line_id FROM reconciliation.break WHERE gateway_account_id = $1 AND kind = 'missing_here')`,
      [account],
    );
  const sumOfTheirs = `SELECT sum(r.moved_amount) FROM reconciliation.record r JOIN reconciliation.break b ON b.attempt_id = r.attempt_id AND b.kind = 'missing_there' WHERE b.gateway_account_id = $1`;

  it('is one from then on, and judged as one', async () => {
    const breakIds = await strangers();
    await ask({ breakIds, action: 'match' });
    expect(await openBreaks()).toEqual([]);
    // The run that was asked for finds that their amounts differ.
    await workThrough(harness);
    expect((await openBreaks()).map(({ kind }) => kind)).toEqual(['amount']);
    const before = await everyResult(harness, account);
    await reconcile();
    expect(await everyResult(harness, account)).toEqual(before);
    const [match] = await harness.database.query<{ rule: string; explanation: string }>(
      `SELECT m.rule, m.explanation FROM reconciliation.match m JOIN reconciliation.record r USING (attempt_id) WHERE r.gateway_account_id = $1 AND m.rule = 'manual'`,
      [account],
    );
    expect(match).toEqual({ rule: 'manual', explanation: 'as agreed' });
  });

  it('is several to one where they add up', async () => {
    const breakIds = await strangers({ missing_there: 3, missing_here: 1 });
    expect(await rejectionOf(ask({ breakIds, action: 'match' }))).toMatchObject({
      code: 'reconciliation.cannot_resolve_so',
    });
    await makeEqual(sumOfTheirs);
    await ask({ breakIds, action: 'match' });
    await workThrough(harness);
    await reconcile();
    expect(await openBreaks()).toEqual([]);
  });

  it.each([
    ['what is there already', { amount: 1, missing_there: 1 }],
    ['two of one side', { missing_there: 2 }],
    ['several to several', { missing_there: 2, missing_here: 2 }],
  ])('is not %s', async (_, plants) => {
    const breakIds = await strangers(plants);
    expect(await rejectionOf(ask({ breakIds, action: 'match' }))).toMatchObject({
      code: 'reconciliation.cannot_resolve_so',
    });
    expect(await openBreaks()).toHaveLength(breakIds.length);
  });
});
