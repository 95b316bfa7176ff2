/** Refunds and payouts under every fault: afterwards our books are the sandbox's, every hold has its end, and nothing left twice. */
import { eventually } from '../support/eventually.js';
import { claimPaid } from './support/forge-payouts.js';
import { payOutBy } from './support/gateways.js';
import { postAll, type Order } from './support/load.js';
import {
  batchEverywhere,
  chargeEverywhere,
  payoutsEverywhere,
  playRound,
  refundsEverywhere,
  ROUNDS,
  setDoubts,
} from './support/money-out-mixture.js';
import { describeInEachMode, describeInEachModeWithRedisControl } from './support/modes.js';
import { balancesOf } from './support/money-out.js';
import { everyPage, eventsOf } from './support/payments.js';
import { neverOverdrawn, proveMoneyOut, type Out } from './support/prove-money-out.js';
import { aMoment, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 300_000;
const QUIET_WITHIN_MS = 120_000;

/** A fiftieth of the usual pauses: a question comes after 100 ms, 300 ms, 600 ms, and whether a payout came back is looked at after 18 s. */
const PAUSES = { RETRY_PAUSE_PERCENT: '2' };
/** Twice what other suites give a charge: here every one that is not meant to time out must not, on a busy machine either. */
const PATIENT = { GATEWAY_CHARGE_TIMEOUT_MS: '2000' };

/** So long every answer is waited for that the program surely dies before one is given up. */
const DYING = { GATEWAY_CHARGE_TIMEOUT_MS: '6000' };

/** What is away, in ms: longer than what waits for it tries at once. */
const AWAY_MS = 1_500;

/** The share of requests, of either kind. */
const FRONT_DOOR_FAILS = 0.3;

describeInEachMode('Money out at gateways that hold their answers', (mode) => {
  let system: System;
  beforeEach(async () => {
    system = await startSystem({ ...mode, env: { ...PAUSES, ...DYING } });
    await payOutBy(system, { type: 'priority' });
  }, START_TIMEOUT_MS);
  afterEach(() => system.close(), START_TIMEOUT_MS);

  it(
    'is asked about and not sent again by whoever takes over from a program that died',
    async () => {
      const charged = await chargeEverywhere(system, 1);
      for (const on of ['refund', 'payout'] as const)
        for (const fault of ['timeout_after_charge', 'no_webhook'])
          await system.sandbox.setFault({ gateway: '*', fault, on });
      const refunds = refundsEverywhere(charged, () => 0);
      const payouts = payoutsEverywhere();
      const orders = [...refunds, ...payouts, batchEverywhere(2)];
      const rows = refunds.length + 3 * payouts.length;
      const ids = await postAll(system, orders);
      const left = async () => (await system.sandbox.ledger()).filter(({ kind }) => kind !== 'charge');
      await eventually(async () => expect(await left()).toHaveLength(rows), { timeoutMs: 5_000 });
      await system.kill9();
      const before = await left();
      await system.sandbox.clearFaults();
      await system.restart();
      const { all } = await proveMoneyOut(system, QUIET_WITHIN_MS);
      expect(all.map(({ status }) => status)).toEqual(before.map(() => 'succeeded'));
      expect(await left()).toEqual(before);
      await proveOnceMore(system, orders, ids);
    },
    TEST_TIMEOUT_MS,
  );
});

/** As clients do who never heard an answer: the same keys again are the same refunds, payouts and batches. */
async function proveOnceMore(system: System, orders: readonly Order[], ids: readonly string[]): Promise<void> {
  expect(new Set(ids).size).toBe(orders.length);
  expect(await postAll(system, orders)).toEqual(ids);
}

describeInEachModeWithRedisControl('Money out', (mode) => {
  let system: System;
  beforeEach(async () => {
    system = await startSystem({ ...mode, env: { ...PAUSES, ...PATIENT } });
    // By worth nothing would go where the faults are, nor to each gateway what is meant for it.
    await payOutBy(system, { type: 'priority' });
  }, START_TIMEOUT_MS);
  afterEach(() => system.close(), START_TIMEOUT_MS);

  it(
    'leaves once or not at all, whatever gateways do: each fault at each of them',
    async () => {
      const charged = await chargeEverywhere(system, ROUNDS / 2);
      await neverOverdrawn(system, async () => {
        await payThroughForgeries(system);
        for (let round = 0; round < ROUNDS; round += 1) {
          await playRound(system, charged, round);
          await untilAnswered(system);
        }
        await system.sandbox.clearFaults();
        const { all } = await proveMoneyOut(system, QUIET_WITHIN_MS);
        // A run in which nothing strange happened would prove nothing.
        const statuses = (kind: string) =>
          new Set(all.filter(({ object }) => object === kind).flatMap(({ attempts }) => attempts.map((a) => a.status)));
        const common = ['succeeded', 'declined', 'unknown', 'quarantined'];
        expect([...statuses('refund')]).toEqual(expect.arrayContaining(common));
        expect([...statuses('payout')]).toEqual(expect.arrayContaining([...common, 'returned']));
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is neither lost nor doubled by a program that is killed, a Redis that is emptied, frozen and away, a PostgreSQL that hangs up and refuses, and gateways that cannot be reached',
    async () => {
      const charged = await chargeEverywhere(system, 4);
      await setDoubts(system);
      const orders: Order[] = [];
      const ids: string[] = [];
      await neverOverdrawn(system, async () => {
        for (const [turn, disturb] of disturbances(system).entries()) {
          const some = [
            ...refundsEverywhere(charged, () => turn),
            ...payoutsEverywhere(),
            ...payoutsEverywhere(),
            batchEverywhere(5),
          ];
          // Everything at once, and the disturbance somewhere in the middle of it.
          const disturbed = aMoment(Math.random() * 400).then(disturb);
          ids.push(...(await postAll(system, some)));
          orders.push(...some);
          await disturbed;
        }
        await system.sandbox.clearFaults();
        const { all } = await proveMoneyOut(system, QUIET_WITHIN_MS);
        expect(all.filter(({ object }) => object === 'payout')).toHaveLength(disturbances(system).length * (12 + 30));
      });
      await proveOnceMore(system, orders, ids);
    },
    TEST_TIMEOUT_MS,
  );
});

function disturbances(system: System): readonly (() => Promise<void>)[] {
  const { redis, database } = system;
  return [
    async () => {
      await system.kill9();
      await redis?.flush();
      await redis?.kill();
      const back = aMoment(AWAY_MS).then(() => redis?.restart());
      await system.restart();
      await back;
    },
    async () => {
      await database.hangUp();
      await aMoment(Math.random() * 200);
      await database.refuseFor(AWAY_MS);
    },
    async () => {
      redis?.pause();
      await aMoment(AWAY_MS);
      redis?.resume();
      await redis?.flush();
    },
    async () => {
      await system.kill9();
      await system.restart();
      await aMoment(Math.random() * 300);
      await system.kill9();
      await system.restart();
    },
    // Gateways that nobody reaches, and then some calls that do not get through, or are answered by a broken front door.
    async () => {
      await system.sandbox.setFault({ gateway: '*', fault: 'refuse' });
      await aMoment(AWAY_MS);
      await system.sandbox.clearFaults();
      await setDoubts(system);
    },
    async () => {
      for (const fault of ['refuse', 'down'])
        await system.sandbox.setFault({ gateway: '*', fault, rate: FRONT_DOOR_FAILS });
      await aMoment(AWAY_MS);
      await system.sandbox.clearFaults();
      await setDoubts(system);
    },
  ];
}

/** Payouts that wait at their gateways, of which forgers say that they arrived, and as other amounts: nobody believes it. Then they do arrive. */
async function payThroughForgeries(system: System): Promise<void> {
  await system.sandbox.setFault({ gateway: '*', fault: 'approve_after', ms: 0, on: 'payout' });
  const ids = await postAll(system, payoutsEverywhere());
  const payouts = (): Promise<readonly Out[]> =>
    everyPage<Out>(system.merchant, '/v1/payouts?status=processing&expand[]=attempts');
  const attempts = await eventually(async () => {
    const found = (await payouts()).flatMap(({ attempts: own }) => own.slice(-1));
    expect(found.map(({ status }) => status)).toEqual(ids.map(() => 'pending'));
    return found;
  });
  const reserved = (await balancesOf(system)).map((balance) => [balance.currency, balance.reserved]);
  const forged = (await Promise.all(attempts.map((each) => claimPaid(system, each)))).filter(Boolean);
  await eventually(async () => {
    const contradicted = await everyPage(system.admin, '/admin/v1/routing/webhooks?outcome=contradicted');
    expect(contradicted).toHaveLength(forged.length);
  });
  expect((await payouts()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect((await balancesOf(system)).map((balance) => [balance.currency, balance.reserved])).toEqual(reserved);
  expect(ids.flatMap((id) => eventsOf(system, id))).toEqual([]);
  await system.sandbox.clearFaults();
  for (const { gateway, reference } of attempts) {
    const body = JSON.stringify({ gateway, reference, kind: 'payout' });
    const answer = await fetch(`${system.sandbox.controlUrl}/_transactions/approve`, { method: 'POST', body });
    expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([answer.status, '']);
  }
  await eventually(async () => expect(await payouts()).toEqual([]));
}

/** No call is on its way any more: a breaker learns from how they end. */
async function untilAnswered(system: System): Promise<void> {
  await eventually(
    async () => {
      const lists = ['refunds', 'payouts'].map((path) =>
        everyPage<Out>(system.merchant, `/v1/${path}?status=processing&expand[]=attempts`),
      );
      const open = (await Promise.all(lists)).flat().filter(({ attempts }) => {
        const status = attempts.at(-1)?.status ?? 'started';
        return status === 'started' || status === 'pending';
      });
      expect([open.length, open.slice(0, 3)]).toEqual([0, []]);
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
}
