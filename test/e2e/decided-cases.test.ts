/** Attempts whose gateways never tell how they ended: two people read it at the gateway, and what follows is what an answer would have brought. */
import { eventually } from '../support/eventually.js';
import { must } from '../support/person.js';
import { proveBooks } from './support/books.js';
import { approve as letCustomerApprove, heal } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { payOut, readDisbursement, refund, untilDisbursed, type DisbursementResource } from './support/money-out.js';
import { eventsOf, mobileMoney, mobileMoneyFrom, pay, read, untilStatus, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { approve, approved, twoPeople, type Approval } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/** Their customer never approves. */
const NEVER_APPROVES = '9903';

interface Case {
  readonly id: string;
  readonly status: string;
  readonly decidable_as: readonly string[];
}
type Of = { readonly payment_id: string } | { readonly refund_id: string } | { readonly payout_id: string };

const SUCCEEDED = { outcome: 'succeeded', gateway_reference: '4099260516', remark: 'Seen as paid in the dashboard' };
const FAILED = { outcome: 'failed', gateway_reference: 'none there', remark: 'The dashboard shows it as abandoned' };

describeInEachMode('A case', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
    await twoPeople(system);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  beforeEach(() => heal(system), TEST_TIMEOUT_MS);

  /** What the next request creates is there at the gateway, which answers nothing and tells nobody. */
  async function silence(on: 'charge' | 'refund' | 'payout'): Promise<void> {
    for (const fault of ['timeout_after_charge', 'no_webhook'])
      await system.sandbox.setFault({ gateway: '*', fault, on });
  }

  /** Nothing can be learned of any gateway. What is unknown was asked about for three days. */
  async function age(attempt: string): Promise<void> {
    await system.sandbox.setFault({ gateway: '*', fault: 'down' });
    await untilIs('unknown', attempt);
    await system
      .databaseOf('routing')
      .query(
        `UPDATE routing.attempt SET sent_at = sent_at - interval '73 hours', next_check_at = now() WHERE reference = $1`,
        [attempt],
      );
  }

  const untilIs = (status: string, reference: string): Promise<void> =>
    eventually(
      async () => {
        const sql = 'SELECT status FROM routing.attempt WHERE reference = $1';
        const [row] = await system.databaseOf('routing').query<{ status: string }>(sql, [reference]);
        expect(row?.status).toBe(status);
      },
      { timeoutMs: 20_000 },
    );

  async function caseOf(of: Of): Promise<Case> {
    const [[name, id] = []] = Object.entries(of);
    return eventually(
      async () => {
        const { body } = await system.admin.get<{ data: (Case & Record<string, unknown>)[] }>(
          '/admin/v1/routing/cases?opened=true&limit=100',
        );
        const found = body.data.find((each) => each[name ?? ''] === id);
        if (found === undefined) throw new Error('there is no case');
        return found;
      },
      { timeoutMs: 20_000 },
    );
  }

  /** A payment that its customer has approved or not, and of which nobody hears. */
  async function unheardPayment(body = mobileMoney()): Promise<{ id: string; reference: string }> {
    await silence('charge');
    const { id } = await pay(system, body, 'wait=0');
    const reference = await eventually(async () => {
      const [attempt] = (await read(system, id)).attempts;
      if (attempt === undefined || attempt.status === 'started') throw new Error('it was not sent yet');
      return attempt.reference;
    });
    return { id, reference };
  }

  async function lostPayment(body = mobileMoney()): Promise<{ id: string; reference: string; attempt: Case }> {
    const { id, reference } = await unheardPayment(body);
    await age(reference);
    return { id, reference, attempt: await caseOf({ payment_id: id }) };
  }

  const decide = (attempt: Case, body: object): Promise<Approval> =>
    approved(system, (maker) => maker.post(`/admin/v1/routing/attempts/${attempt.id}/decide`, body));

  const wayOf = async (id: string): Promise<readonly Record<string, unknown>[]> => {
    const { body } = await system.admin.get<{ attempts: Record<string, unknown>[] }>(
      `/admin/v1/routing/payments/${id}`,
    );
    return body.attempts;
  };

  it(
    'that was decided as succeeded is a payment that succeeded, is booked once, and says who decided it',
    async () => {
      const { id, attempt, reference } = await lostPayment();
      expect(attempt).toMatchObject({ status: 'unknown', decidable_as: ['succeeded', 'failed'] });
      const approval = await decide(attempt, SUCCEEDED);
      expect(approval).toMatchObject({
        state: 'done',
        kind: 'routing.decide_attempt',
        subject: id,
        payload: { ...SUCCEEDED, attempt: attempt.id, subject: id, amount: 10_000, currency: 'GHS', reference },
      });
      await untilStatus(system, id, 'succeeded');
      await untilTold(system, id, ['payment.succeeded']);
      const [way, ...others] = await wayOf(id);
      expect(others).toEqual([]);
      expect(way).toMatchObject({
        status: 'succeeded',
        outcome_code: 'decided_succeeded',
        decision: {
          ...SUCCEEDED,
          asked_by: approval.asked_by,
          decided_by: approval.decided_by,
          approval: approval.id,
        },
      });
      const { body: cases } = await system.admin.get<{ data: Case[] }>('/admin/v1/routing/cases?limit=100');
      expect(cases.data.map((each) => each.id)).not.toContain(attempt.id);
      // The gateway comes back and says the same: that is nothing new.
      await system.sandbox.clearFaults();
      must(await system.admin.post(`/admin/v1/routing/attempts/${attempt.id}/check`), 200);
      expect((await system.sandbox.ledger(reference)).map(({ kind }) => kind)).toEqual(['charge']);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that was decided as failed is tried nowhere else; and when the gateway has the money after all, it succeeded',
    async () => {
      const { id, attempt, reference } = await lostPayment(mobileMoneyFrom(NEVER_APPROVES));
      expect(await decide(attempt, FAILED)).toMatchObject({ state: 'done' });
      await untilTold(system, id, ['payment.failed']);
      const failed = await untilStatus(system, id, 'failed');
      expect([failed.failure_code, failed.attempts.length]).toEqual(['decided_failed', 1]);
      expect(await system.sandbox.ledger(reference)).toEqual([]);

      await system.sandbox.clearFaults();
      await letCustomerApprove(system, failed.attempts[0]?.gateway ?? '', reference);
      await system
        .databaseOf('routing')
        .query('UPDATE routing.attempt SET next_check_at = now() WHERE next_check_at > now()');
      await untilStatus(system, id, 'succeeded');
      await untilTold(system, id, ['payment.failed', 'payment.succeeded']);
      const [way] = await wayOf(id);
      expect(way).toMatchObject({ status: 'succeeded', late: true, decision: { outcome: 'failed' } });
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not decided by whoever asked, nor by a key, nor as anything that it cannot be',
    async () => {
      const { id, attempt } = await lostPayment();
      const { maker } = await twoPeople(system);
      const path = `/admin/v1/routing/attempts/${attempt.id}/decide`;
      const byKey = await system.admin.post(path, SUCCEEDED);
      expect([byKey.status, byKey.body['code']]).toEqual([403, 'auth.people_only']);
      for (const body of [
        {},
        { ...SUCCEEDED, outcome: 'pending' },
        { ...SUCCEEDED, remark: '' },
        { ...SUCCEEDED, gateway_reference: 'x'.repeat(201) },
      ])
        expect((await maker.post<{ code: string }>(path, body)).body.code).toBe('request.invalid');
      const asked = must(await maker.post<Approval>(path, SUCCEEDED), 202).body;
      await eventually(async () => void must(await maker.get(`/admin/v1/approvals/${asked.id}`), 200));
      await maker.prove();
      const own = await maker.post<{ code: string }>(`/admin/v1/approvals/${asked.id}/approve`, {});
      expect([own.status, own.body.code]).toEqual([403, 'approval.own']);
      expect((await read(system, id)).status).toBe('processing');
      expect((await approve((await twoPeople(system)).checker, asked.id)).state).toBe('done');
      await untilStatus(system, id, 'succeeded');
      const missing = '/admin/v1/routing/attempts/att_00000000000000000000000000/decide';
      expect((await maker.post<{ code: string }>(missing, SUCCEEDED)).body.code).toBe('attempt.not_found');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that its gateway told of first is left as that says, and the approval says why',
    async () => {
      const { id, attempt, reference } = await lostPayment();
      const { maker, checker } = await twoPeople(system);
      const asked = must(
        await maker.post<Approval>(`/admin/v1/routing/attempts/${attempt.id}/decide`, FAILED),
        202,
      ).body;
      await system.sandbox.clearFaults();
      must(await system.admin.post(`/admin/v1/routing/attempts/${attempt.id}/check`), 200);
      await untilStatus(system, id, 'succeeded');
      expect(await approve(checker, asked.id)).toMatchObject({
        state: 'failed',
        failure: { code: 'attempt.decided_meanwhile', detail: expect.stringContaining('succeeded') as string },
      });
      expect((await read(system, id)).status).toBe('succeeded');
      expect((await wayOf(id))[0]).toMatchObject({ decision: null });
      const again = await maker.post<{ code: string }>(`/admin/v1/routing/attempts/${attempt.id}/decide`, FAILED);
      expect([again.status, again.body.code]).toEqual([409, 'attempt.decided_meanwhile']);
      expect((await system.sandbox.ledger(reference)).length).toBe(1);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is none before its gateway was asked for three days',
    async () => {
      const { id, reference } = await unheardPayment();
      await untilIs('unknown', reference);
      const [attempt] = (await read(system, id)).attempts;
      const { maker } = await twoPeople(system);
      const refused = await maker.post<{ code: string }>(`/admin/v1/routing/attempts/${attempt?.id}/decide`, SUCCEEDED);
      expect([refused.status, refused.body.code]).toEqual([409, 'attempt.not_decidable']);
      await system.sandbox.clearFaults();
      must(await system.admin.post(`/admin/v1/routing/attempts/${attempt?.id}/check`), 200);
      await untilStatus(system, id, 'succeeded');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'may be about money that goes out: what was decided as paid is paid, and what was not is free again, and sent nowhere',
    async () => {
      const payment = await pay(system, mobileMoney({ amount: 50_000 }));
      await untilStatus(system, payment.id, 'succeeded');
      const out = async (answer: {
        body: DisbursementResource;
      }): Promise<{ of: DisbursementResource; attempt: Case }> => {
        const of = answer.body;
        const reference = await eventually(
          async () => {
            const [attempt] = (await readDisbursement(system, of)).attempts;
            if (attempt === undefined || attempt.status === 'started') throw new Error('it was not sent yet');
            return attempt.reference;
          },
          { timeoutMs: 20_000 },
        );
        await age(reference);
        return { of, attempt: await caseOf(of.object === 'refund' ? { refund_id: of.id } : { payout_id: of.id }) };
      };
      await silence('payout');
      const paid = await out(await payOut(system, 1_000, {}, ''));
      expect(await decide(paid.attempt, SUCCEEDED)).toMatchObject({ state: 'done', subject: paid.of.id });
      await untilDisbursed(system, paid.of, 'succeeded');

      await heal(system);
      await silence('refund');
      const given = await out(await refund(system, payment, { amount: 2_000 }, { prefer: '' }));
      expect(await decide(given.attempt, SUCCEEDED)).toMatchObject({ state: 'done', subject: given.of.id });
      await untilDisbursed(system, given.of, 'succeeded');

      await heal(system);
      await system.sandbox.setFault({ gateway: '*', fault: 'timeout_before_charge', on: 'payout' });
      const lost = await out(await payOut(system, 3_000, {}, ''));
      expect(await decide(lost.attempt, FAILED)).toMatchObject({ state: 'done' });
      const failed = await untilDisbursed(system, lost.of, 'failed');
      expect([failed.failure_code, failed.attempts.length]).toEqual(['decided_failed', 1]);
      await untilTold(system, lost.of.id, ['payout.failed']);
      expect(eventsOf(system, paid.of.id).map(({ type }) => type)).toEqual(['payout.succeeded']);
      await system.sandbox.clearFaults();
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );
});
