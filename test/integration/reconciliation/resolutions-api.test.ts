/** Breaks resolved by people, through the API of the built program; what two of them agree on is booked by the ledger. */
import pg from 'pg';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { toDecimal } from '../../../src/kernel/money/money.js';
import { eventually } from '../../support/eventually.js';
import { plantDay, storeDay } from '../../support/planted-day.js';
import { personIn, type PersonInSession } from '../../support/session.js';
import { DAY, DAY_MS } from './harness.js';
import {
  knownAccount,
  PAYSTACK_HEADER,
  sendFile,
  startUploadHarness,
  untilRunEnded,
  type UploadHarness,
} from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;
const RESOLUTIONS = '/admin/v1/reconciliation/resolutions';

interface Shown {
  readonly id: string;
  readonly status: string;
}

interface Found {
  readonly id: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly occurred_at: string;
}

let harness: UploadHarness;
let ama: PersonInSession;
let kofi: PersonInSession;
let breaks: readonly { readonly id: string; readonly kind: string }[];
beforeAll(async () => {
  harness = await startUploadHarness();
  const permissions = { reconciliation: 'authorise' };
  ama = await personIn(harness.database, permissions);
  kofi = await personIn(harness.database, permissions);
  const account = await knownAccount(harness.database, 'paystack');
  const plants = { missing_here: 2, missing_there: 1, amount: 1 };
  const day = plantDay({
    seed: 4,
    gatewayAccountId: account.uuid,
    merchantId: newUuid(),
    day: DAY,
    plain: 20,
    plants,
    odd: {},
  });
  await storeDay((sql, values) => harness.database.query(sql, values), day);
  const rows = day.lines.map(
    ({ id, reference, amountMinor, feeMinor, currency, occurredAt }) =>
      `${id ?? ''},${reference ?? ''},success,${toDecimal(amountMinor, 2)},${toDecimal(feeMinor ?? 0n, 2)},${currency},${occurredAt.toISOString()}\r\n`,
  );
  const { body } = await sendFile(PAYSTACK_HEADER + rows.join(''), {
    url: harness.program.url,
    key: harness.adminKey,
    query: {
      gateway_account: account.id,
      mapping: 'paystack',
      from: DAY.toISOString(),
      to: new Date(DAY.getTime() + DAY_MS).toISOString(),
    },
  });
  const [run] = body['runs'] as string[];
  await untilRunEnded(harness.admin, String(run));
  const listed = await harness.admin.get<{ data: typeof breaks }>(
    `/admin/v1/reconciliation/breaks?gateway_account=${account.id}&side=gateway&status=open&limit=100`,
  );
  breaks = listed.body.data;
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

const of = (kind: string): readonly string[] => breaks.filter((each) => each.kind === kind).map(({ id }) => id);
const remark = 'agreed with the gateway by telephone';
const resolve = (body: object) => harness.admin.post<{ data: readonly Shown[] }>(RESOLUTIONS, { remark, ...body });
const as = (person: PersonInSession) => ({
  post: (path: string, body: object) => {
    // Without a key: its cookie says who it is.
    const client = harness.admin.withKey(undefined);
    return client.post<Readonly<Record<string, unknown>> & { data: readonly Shown[] }>(
      `${RESOLUTIONS}${path}`,
      body,
      person,
    );
  },
});

async function theWaiting(): Promise<string> {
  const { body } = await harness.admin.get<{ data: readonly Shown[] }>(`${RESOLUTIONS}?status=proposed`);
  expect(body.data).toHaveLength(1);
  return body.data[0]?.id ?? '';
}

describe('breaks', () => {
  it('are dismissed at once', async () => {
    const { status, body, text } = await resolve({ breaks: of('amount'), action: 'dismiss' });
    expect([status, text]).toEqual([201, text]);
    expect(body.data).toMatchObject([{ action: 'dismiss', status: 'done', remark, booking: null, automatic: false }]);
    const shown = await harness.admin.get(`/admin/v1/reconciliation/breaks?kind=amount&status=closed`);
    expect(shown.body).toMatchObject({ data: [{ closed_why: `dismissed: ${remark}` }] });
  });

  it('are booked by the ledger when another person has approved it', async () => {
    const [one, other] = of('missing_here');
    const adjust = { breaks: [one, other], action: 'adjust', account: 'suspense', remark };
    const proposed = await as(ama).post('', adjust);
    expect(proposed.status).toBe(201);
    const [first, second] = proposed.body.data;
    expect(first).toMatchObject({
      status: 'proposed',
      booking: { side: 'debit', account: 'suspense', transfer: null },
    });
    const own = await as(ama).post(`/${first?.id}/approve`, {});
    expect([own.status, own.body]).toMatchObject([403, { code: 'reconciliation.needs_another' }]);
    const approved = await as(kofi).post(`/${first?.id}/approve`, { remark: 'seen' });
    expect([approved.status, approved.body]).toMatchObject([200, { status: 'approved', decision_remark: 'seen' }]);
    await eventually(async () => {
      const { body } = await harness.admin.get<Shown>(`${RESOLUTIONS}/${first?.id}`);
      expect(body).toMatchObject({ status: 'done', booking: { transfer: expect.stringMatching(/^tr_/) as string } });
    });
    const booked = await harness.database.query(
      `SELECT d.kind AS debit, c.kind AS credit, t.kind FROM ledger.transfer t
         JOIN ledger.account d ON d.id = t.debit_account_id JOIN ledger.account c ON c.id = t.credit_account_id`,
    );
    expect(booked).toEqual([{ debit: 'gateway_clearing', credit: 'suspense', kind: 'adjustment' }]);
    const rejected = await as(ama).post(`/${second?.id}/reject`, {});
    expect([rejected.status, rejected.body]).toMatchObject([200, { status: 'rejected', decided_by: null }]);
    const waiting = await harness.admin.get(`${RESOLUTIONS}?status=rejected`);
    expect(waiting.body).toMatchObject({ data: [{ id: second?.id }], has_more: false });
  });

  it.each([
    ['an account without need', { action: 'dismiss', account: 'suspense' }, 422, 'request.invalid'],
    ['no account', { action: 'adjust' }, 422, 'request.invalid'],
    ['attempts that are not to be matched', { action: 'dismiss', attempts: [] }, 422, 'request.invalid'],
    ['a remark that says nothing', { action: 'dismiss', remark: ' ' }, 422, 'request.invalid'],
    ['an action that there is not', { action: 'forget' }, 422, 'request.invalid'],
    ['a match with nothing', { action: 'match' }, 422, 'reconciliation.cannot_resolve_so'],
    ['an id of something else', { action: 'dismiss', breaks: ['pay_0'] }, 422, 'request.invalid'],
  ])('are not resolved with %s', async (_, body, status, code) => {
    const answer = await resolve({ breaks: of('missing_there'), ...body });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });

  it('are not written off, adjusted or decided about by keys, which anybody may hold', async () => {
    const [id] = of('missing_there');
    for (const change of [{ action: 'write_off' }, { action: 'adjust', account: 'suspense' }]) {
      const answer = await resolve({ breaks: [id], ...change });
      expect([answer.status, answer.body]).toMatchObject([403, { code: 'auth.people_only' }]);
    }
    const [waiting] = (await as(ama).post('', { breaks: [id], action: 'write_off', remark })).body.data;
    for (const decision of ['approve', 'reject']) {
      const answer = await harness.admin.post(`${RESOLUTIONS}/${waiting?.id}/${decision}`, {});
      expect([answer.status, answer.body]).toMatchObject([403, { code: 'auth.people_only' }]);
    }
    const shown = await harness.admin.get(`${RESOLUTIONS}/${waiting?.id}`);
    expect(shown.body).toMatchObject({ status: 'proposed', expires_at: expect.any(String) as string });
  });

  it('are decided by nobody who was signed out after the request came in', async () => {
    const waiting = await theWaiting();
    const leaving = await personIn(harness.database, { reconciliation: 'authorise' });
    const lock = new pg.Client({ connectionString: harness.database.url });
    await lock.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('SELECT 1 FROM reconciliation.resolution FOR UPDATE');
      const answered = as(leaving).post(`/${waiting}/reject`, {});
      await eventually(async () => {
        const waiters = await harness.database.query(
          `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`,
        );
        expect(waiters).toHaveLength(1);
      });
      await lock.query('UPDATE access.session SET ended_at = now() WHERE session_id = $1', [leaving.sessionId]);
      await lock.query('COMMIT');
      const answer = await answered;
      expect([answer.status, answer.body]).toMatchObject([401, { code: 'auth.session_over' }]);
    } finally {
      await lock.end();
    }
    expect(await theWaiting()).toBe(waiting);
  });

  it('are not booked where whoever asked has left meanwhile', async () => {
    const waiting = await theWaiting();
    await harness.database.query('UPDATE access.admin SET disabled = true WHERE admin_id = $1', [ama.id]);
    const answer = await as(kofi).post(`/${waiting}/approve`, {});
    expect([answer.status, answer.body]).toMatchObject([409, { code: 'approval.maker_gone' }]);
    await harness.database.query('UPDATE access.admin SET disabled = false WHERE admin_id = $1', [ama.id]);
    expect(await theWaiting()).toBe(waiting);
  });

  it('show both of their sides, and all that was decided about them', async () => {
    const [id] = of('amount');
    const { status, body } = await harness.admin.get(`/admin/v1/reconciliation/breaks/${id}`);
    expect([status, body]).toMatchObject([
      200,
      {
        id,
        kind: 'amount',
        differences: [{ field: 'amount' }],
        ours: { kind: 'payment', subject: expect.stringMatching(/^pay_/) as string, status: 'succeeded' },
        theirs: { object: 'reconciliation_line', source: expect.stringMatching(/^rcs_/) as string },
        settlement: null,
        entry: null,
        resolutions: [{ action: 'dismiss', status: 'done', remark }],
        resolution: { action: 'dismiss', status: 'done', automatic: false },
      },
    ]);
    const { ours, theirs, differences } = body as {
      readonly ours: { readonly moved_amount: number };
      readonly theirs: { readonly amount: number };
      readonly differences: readonly { readonly ours: string; readonly theirs: string }[];
    };
    expect(differences).toMatchObject([{ ours: String(ours.moved_amount), theirs: String(theirs.amount) }]);
    const unknown = await harness.admin.get('/admin/v1/reconciliation/breaks/brk_0');
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'reconciliation.break_not_found' }]);
  });

  it('are found by what is at stake, and by how old they are', async () => {
    const list = async (filter: string): Promise<readonly string[]> => {
      const path = `/admin/v1/reconciliation/breaks?limit=100${filter}`;
      const { status, body } = await harness.admin.get<{ data: readonly { readonly id: string }[] }>(path);
      expect(status).toBe(200);
      return body.data.map(({ id }) => id);
    };
    const all = await harness.admin.get<{ data: readonly Found[] }>('/admin/v1/reconciliation/breaks?limit=100');
    const amounts = all.body.data.flatMap(({ amount }) => (amount === null ? [] : [amount])).toSorted((a, b) => a - b);
    const middle = amounts[Math.floor(amounts.length / 2)] ?? 0;
    const [first] = all.body.data;
    const currency = first?.currency ?? '';
    const within = (from: number, to: number) =>
      all.body.data
        .filter((each) => each.amount !== null && each.amount >= from && each.amount <= to)
        .map(({ id }) => id);
    expect(within(0, middle).length).toBeLessThan(amounts.length);
    expect(await list(`&currency=${currency}&amount_to=${middle}`)).toEqual(within(0, middle));
    expect(await list(`&currency=${currency}&amount_from=${middle}`)).toEqual(within(middle, Infinity));
    expect(await list('&currency=XOF')).toEqual([]);
    const at = first?.occurred_at ?? '';
    const before = all.body.data.filter((each) => each.occurred_at < at).map(({ id }) => id);
    expect(await list(`&occurred_to=${at}`)).toEqual(before);
    expect((await list(`&occurred_from=${at}`)).length).toBe(all.body.data.length - before.length);
  });

  it('are the operators’ alone', async () => {
    const body = { breaks: of('missing_there'), action: 'dismiss', remark };
    expect((await harness.merchant.post(RESOLUTIONS, body)).status).toBe(403);
  });
});
