/** Breaks resolved by people, through the API of the built program; what two of them agree on is booked by the ledger. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { toDecimal } from '../../../src/kernel/money/money.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { plantDay, storeDay } from '../../support/planted-day.js';
import { DAY, DAY_MS } from './harness.js';
import {
  keyIn,
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

let harness: UploadHarness;
let another: ApiClient;
let breaks: readonly { readonly id: string; readonly kind: string }[];
beforeAll(async () => {
  harness = await startUploadHarness();
  another = createApiClient(harness.program.url, await keyIn(harness.database, 'admin'));
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
    const proposed = await resolve({ breaks: [one, other], action: 'adjust', account: 'suspense' });
    expect(proposed.status).toBe(201);
    const [first, second] = proposed.body.data;
    expect(first).toMatchObject({
      status: 'proposed',
      booking: { side: 'debit', account: 'suspense', transfer: null },
    });
    const own = await harness.admin.post(`${RESOLUTIONS}/${first?.id}/approve`, {});
    expect([own.status, own.body]).toMatchObject([403, { code: 'reconciliation.needs_another' }]);
    const approved = await another.post(`${RESOLUTIONS}/${first?.id}/approve`, { remark: 'seen' });
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
    const rejected = await harness.admin.post(`${RESOLUTIONS}/${second?.id}/reject`, {});
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

  it('are the operators’ alone', async () => {
    const body = { breaks: of('missing_there'), action: 'dismiss', remark };
    expect((await harness.merchant.post(RESOLUTIONS, body)).status).toBe(403);
  });
});
