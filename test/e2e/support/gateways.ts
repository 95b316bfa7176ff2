/** Setting the gateways up for a test, and in order again after it. */
import { approved } from './two-people.js';
import { eventually } from '../../support/eventually.js';
import { pay } from './payments.js';
import type { System } from './system.js';

export type Gateway = 'paystack' | 'flutterwave' | 'mtn_momo';
/** All that the sandbox impersonates. */
export type AnyGateway = Gateway | 'monnify' | 'wave' | 'hubtel' | 'orange_money';

interface GatewayAccount {
  readonly gateway: Gateway;
  /** The lowest is tried first. */
  readonly priority: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
}

const DEFAULT_ORDER: readonly Gateway[] = ['paystack', 'flutterwave', 'mtn_momo'];

/** Makes a gateway the first that is tried, the others following in their usual order. */
export async function prefer(system: System, first: Gateway): Promise<void> {
  await orderGateways(system, [first, ...DEFAULT_ORDER.filter((gateway) => gateway !== first)]);
  await eventually(async () => expect((await pay(system)).gateway).toBe(first));
}

/** Those of the list are tried in its order; the others keep their places. */
export async function orderGateways(system: System, order: readonly AnyGateway[]): Promise<void> {
  await system.databaseOf('routing').query(
    `UPDATE routing.gateway_account SET priority = array_position($1::text[], gateway)
      WHERE priority <> array_position($1::text[], gateway)`,
    [order],
  );
  // Whoever lists the accounts is shown them as they are, and the copy that payments are routed by is renewed with it.
  await system.admin.get('/admin/v1/routing/gateways');
}

/** Payouts go by this strategy, payments by priority as before. Other processes hear of it within seconds. */
export async function payOutBy(system: System, use: Readonly<Record<string, unknown>>): Promise<void> {
  const content = {
    rules: [{ name: 'payouts', when: { kind: ['payout'] }, use }],
    otherwise: { type: 'priority' },
  };
  const rules = '/admin/v1/routing/rule_sets';
  const { body: made } = await system.admin.post<{ version: number }>(rules, { content, note: 'where payouts go' });
  const { state } = await approved(system, (maker) => maker.post(`${rules}/${made.version}/activate`, {}));
  expect(state).toBe('done');
}

/**
 * Removes all faults, and pays until the gateway that is tried first works again and none is given up on: what one test broke
 * must not decide another.
 */
export async function heal(system: System): Promise<void> {
  await system.sandbox.clearFaults();
  await eventually(
    async () => {
      // A breaker that is due for a probe closes when a payment gets through.
      await pay(system);
      const { body } = await system.admin.get<{ data: GatewayAccount[] }>('/admin/v1/routing/gateways');
      const [first, ...others] = body.data.toSorted((a, b) => a.priority - b.priority);
      expect(first?.breaker).toBe('closed');
      expect(others.map(({ breaker }) => breaker)).not.toContain('open');
    },
    { timeoutMs: 30_000, everyMs: 200 },
  );
  // A success takes away what a failure has left behind, and two failures may be left.
  for (let count = 0; count < 2; count += 1) await pay(system);
}

/** Plays the customer by hand: approves what is waiting for them under this reference. */
export async function approve(system: System, gateway: string, reference: string): Promise<void> {
  const response = await fetch(`${system.sandbox.controlUrl}/_transactions/approve`, {
    method: 'POST',
    body: JSON.stringify({ gateway, reference }),
  });
  if (!response.ok) throw new Error(`The customer could not approve: ${await response.text()}`);
}
