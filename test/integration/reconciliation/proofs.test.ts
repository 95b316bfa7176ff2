/** Captures that gateways' books confirm are told of once, with the results that confirm them; others are not. */
import { capturesProved } from '../../../src/contracts/reconciliation.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { ODD, plantDay, PLANTS } from '../../support/planted-day.js';
import { askForRun, DAY, startHarness, takeDay, workThrough, type Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

async function announced(): Promise<readonly string[]> {
  const rows = await harness.database.query<{ payload: unknown }>(
    'SELECT payload FROM messaging.outbox WHERE type = $1 ORDER BY seq',
    [capturesProved.type],
  );
  return rows.flatMap(({ payload }) => capturesProved.schema.parse(payload).attempt_ids);
}

/** By what stands afterwards: a payment that was won, a line that names it and moved its amount, and no contradiction. */
async function confirmed(account: string): Promise<readonly string[]> {
  const rows = await harness.database.query<{ id: string }>(
    `SELECT DISTINCT r.attempt_id AS id FROM reconciliation.record r JOIN reconciliation.match m USING (attempt_id) JOIN reconciliation.line l ON l.id = m.line_id
     WHERE r.gateway_account_id = $1 AND r.kind = 'payment' AND r.status = 'succeeded' AND m.rule IN ('reference', 'handle') AND l.status = 'succeeded'
       AND NOT EXISTS (SELECT FROM reconciliation.break b WHERE b.subject_id = r.attempt_id AND b.side = 'gateway' AND b.kind IN ('amount', 'currency', 'status', 'missing_there'))
       AND NOT EXISTS (SELECT FROM reconciliation.match o JOIN reconciliation.line x ON x.id = o.line_id WHERE o.attempt_id = r.attempt_id AND x.status = 'reversed')
     ORDER BY 1`,
    [account],
  );
  return rows.map(({ id }) => id);
}

describe('a run', () => {
  it('tells of each capture that it proves, once, however often it is repeated', async () => {
    const account = newUuid();
    const each = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 3]));
    const day = plantDay({
      seed: 7,
      gatewayAccountId: account,
      merchantId: newUuid(),
      day: DAY,
      plain: 60,
      plants: each(PLANTS),
      odd: each(ODD),
    });
    await takeDay(harness, account, day);
    await askForRun(harness, account);
    await workThrough(harness, { chunk: 9 });
    const told = await announced();
    const expected = await confirmed(account);
    expect(told.toSorted()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(30);
    const succeeded = day.records.filter(({ kind, status }) => kind === 'payment' && status === 'succeeded');
    expect(expected.length).toBeLessThan(succeeded.length);

    await askForRun(harness, account);
    await workThrough(harness);
    expect(await announced()).toEqual(told);
  }, 60_000);
});
