/** Webhooks that are lost: payments end sooner than the schedule of checks alone would have it, once the usual lag is known. */
import { eventually } from '../support/eventually.js';
import { proveBooks } from './support/books.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, untilStatus } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/** The schedule's first question comes after 5 s, a fifth more or less. */
const FIRST_CHECK_AT_LEAST_MS = 4_000;
/** As many as a gateway's lag is learned from, and some more. */
const ENOUGH = 30;
const LOST = 5;

describeInEachMode('When a gateway loses its webhooks', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

  /** How long payments take from being accepted to having succeeded, in ms. */
  const secondsToSuccess = async (): Promise<number[]> => {
    const payments = await Promise.all(Array.from({ length: LOST }, () => pay(system, mobileMoney(), 'wait=0')));
    const ended = await Promise.all(payments.map(({ id }) => untilStatus(system, id, 'succeeded')));
    return ended.map(({ concluded_at: concluded, ...payment }) => {
      const { created_at: created } = payment as unknown as { created_at: string };
      return Date.parse(concluded ?? '') - Date.parse(created);
    });
  };

  it(
    'payments wait for the schedule at first, and for a webhook’s usual time later',
    async () => {
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'no_webhook' });
      const unlearned = await secondsToSuccess();
      expect(Math.min(...unlearned)).toBeGreaterThan(FIRST_CHECK_AT_LEAST_MS - 200);
      await system.sandbox.clearFaults();
      for (let count = 0; count < ENOUGH; count += 1) expect((await pay(system)).gateway).toBe('paystack');
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'no_webhook' });
      // What came is learned of within some ten seconds.
      const learned = await eventually(
        async () => {
          const times = await secondsToSuccess();
          expect(Math.max(...times)).toBeLessThan(FIRST_CHECK_AT_LEAST_MS - 500);
          return times;
        },
        { timeoutMs: 60_000, everyMs: 500 },
      );
      process.stdout.write(
        `without webhooks, median to success: ${median(unlearned)} ms by schedule, ${median(learned)} ms when overdue ones are missed\n`,
      );
      expect(median(learned)).toBeLessThan(median(unlearned) / 2);
      const metrics = await (await fetch(`${system.programOf('routing').url}/metrics`)).text();
      const overdue = /sankofa_routing_webhooks_overdue_total\{gateway="paystack"\} (\d+)/.exec(metrics)?.[1];
      const healed = /sankofa_routing_found_by_asking_total\{gateway="paystack",by="question"\} (\d+)/.exec(
        metrics,
      )?.[1];
      expect(Number(overdue)).toBeGreaterThanOrEqual(LOST);
      expect(Number(healed)).toBeGreaterThanOrEqual(LOST);
      await system.sandbox.clearFaults();
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );
});
