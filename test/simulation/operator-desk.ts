/** Plays the operators. What a fault takes from them they do not do again: what came of it, the oracle reads in the tables. */
import type { ApiAnswer } from '../support/api-client.js';
import type { Person } from '../support/person.js';
import type { Delivery } from '../support/webhook-receiver.js';
import { pause, type LoadTools } from './load.js';
import type { OperatorOrder } from './operator-orders.js';

interface Told {
  readonly type: string;
  readonly data: { readonly id: string; readonly amount: number };
}

interface Approval {
  readonly id: string;
  readonly state: string;
}

/** A key that must not open anything any more, since a moment. */
export interface RevokedKey {
  readonly secret: string;
  readonly livemode: boolean;
}

/** An approval reaches auth by events. */
const ARRIVES_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 200;
/** Small, so that several fit into one payment. */
const PART = 100;

/** Two that order otherwise, and a third like none: whatever is in force, every gateway may be chosen. */
const RULES = [
  { rules: [], otherwise: { type: 'priority' } },
  { rules: [], otherwise: { type: 'smart' } },
] as const;

export class OperatorDesk {
  /** What succeeded, as merchants were told. */
  private readonly succeeded = new Map<number, Told['data'][]>();
  /** Refusals that should have been, and were not. */
  readonly failings: string[] = [];
  readonly revoked: RevokedKey[] = [];
  private rulesMade = 0;

  constructor(
    private readonly orders: readonly OperatorOrder[],
    private readonly tools: LoadTools,
  ) {
    for (const [index, merchant] of tools.world.merchants.entries())
      merchant.listen((delivery) => this.hear(index, delivery));
  }

  /** Ends when all has been played. Never rejects for what a fault has done. */
  async play(): Promise<void> {
    const { signal, counters } = this.tools;
    const startedAt = performance.now();
    for (const order of this.orders) {
      await pause(order.atMs - (performance.now() - startedAt), signal);
      if (signal.aborted) return;
      try {
        if (await this.act(order)) counters.add(`operator ${order.action}`);
      } catch {
        // No answer: the process died, or Redis was away.
        counters.add('operator_unanswered');
      }
    }
  }

  private hear(merchant: number, { body }: Delivery): void {
    const { type, data } = JSON.parse(body) as Told;
    if (type === 'payment.succeeded') this.succeeded.set(merchant, [...(this.succeeded.get(merchant) ?? []), data]);
  }

  /** @returns whether it was done to its end */
  private act(order: OperatorOrder): Promise<boolean> {
    switch (order.action) {
      case 'refund_approved':
        return this.refund(order, async (id) => (await this.approve(id)).status === 200);
      case 'refund_approved_twice':
        return this.refund(order, async (id) => {
          const answers = await Promise.all([this.approve(id), this.approve(id)]);
          return answers.some(({ status }) => status === 200);
        });
      case 'refund_rejected':
        return this.refund(order, async (id) => (await this.checker.post(`${pathOf(id)}/reject`, {})).status === 200);
      case 'refund_withdrawn':
        return this.refund(order, async (id) => (await this.maker.post(`${pathOf(id)}/withdraw`, {})).status === 200);
      case 'refund_by_one':
        return this.refund(order, (id) => this.tryAlone(id));
      case 'rules':
        return this.changeRules();
      case 'key_revoked':
      case 'key_rolled':
        return this.endKey(order);
      case 'replay':
        return this.replay();
      case 'redeliver':
        return this.redeliver(order);
    }
  }

  private get maker(): Person {
    return this.tools.world.operators.maker;
  }

  private get checker(): Person {
    return this.tools.world.operators.checker;
  }

  private async refund(order: OperatorOrder, decide: (id: string) => Promise<boolean>): Promise<boolean> {
    const paid = this.succeeded.get(order.merchant) ?? [];
    const payment = paid[Math.floor(order.which * paid.length)];
    if (payment === undefined) return false;
    // Everything is once: the same is asked for no second time while it waits.
    const reason = `operator ${order.action} at ${order.atMs}`;
    const path = `/admin/v1/payments/${payment.id}/refunds`;
    const amount = Math.min(PART, payment.amount);
    const asked = await this.maker.post<Approval>(path, { amount, reason });
    return asked.status === 202 && (await this.untilThere(asked.body.id)) && decide(asked.body.id);
  }

  private async untilThere(id: string): Promise<boolean> {
    const { signal } = this.tools;
    const deadline = performance.now() + ARRIVES_WITHIN_MS;
    while (performance.now() < deadline && !signal.aborted) {
      const { status } = await this.checker.get(pathOf(id));
      if (status === 200) return true;
      await pause(LOOK_EVERY_MS, signal);
    }
    return false;
  }

  private approve(id: string): Promise<ApiAnswer> {
    return this.checker.post(`${pathOf(id)}/approve`, {});
  }

  /** Who asked is refused, and so is a key. */
  private async tryAlone(id: string): Promise<boolean> {
    const path = `${pathOf(id)}/approve`;
    const answers = [await this.maker.post(path, {}), await this.tools.world.admin.post(path, {})];
    for (const { status, text } of answers)
      if (status < 400) this.failings.push(`${id} was approved by whoever must not: ${status} ${text}`);
    return answers.every(({ status }) => status === 403);
  }

  private async changeRules(): Promise<boolean> {
    const content = RULES[(this.rulesMade += 1) % RULES.length];
    const made = await this.maker.post<{ version: number }>('/admin/v1/routing/rule_sets', {
      content,
      note: 'simulated',
    });
    if (made.status !== 201) return false;
    const asked = await this.maker.post<Approval>(`/admin/v1/routing/rule_sets/${made.body.version}/activate`, {});
    if (asked.status !== 202 || !(await this.untilThere(asked.body.id))) return false;
    return (await this.approve(asked.body.id)).status === 200;
  }

  /** A key of its own, so that the merchant goes on. */
  private async endKey({ merchant, action }: OperatorOrder): Promise<boolean> {
    const { world } = this.tools;
    const owner = world.merchants[merchant]?.id ?? '';
    const made = await this.maker.post<{ id: string; secret: string }>(`/admin/v1/merchants/${owner}/api_keys`, {
      livemode: false,
    });
    if (made.status !== 201) return false;
    const { id, secret } = made.body;
    const used = await world.clientOf(secret, 0).get('/v1/balances');
    const ended =
      action === 'key_revoked'
        ? await this.maker.delete(`/admin/v1/api_keys/${id}`)
        : await this.maker.post(`/admin/v1/api_keys/${id}/roll`, { overlap_seconds: 0 });
    if (ended.status >= 300) return false;
    this.revoked.push({ secret, livemode: false });
    return used.status === 200;
  }

  private async replay(): Promise<boolean> {
    const path = '/admin/v1/dead_letters';
    const listed = await this.maker.get<{ data: readonly { consumer: string; event_id: string }[] }>(path);
    if (listed.status !== 200) return false;
    const [letter] = listed.body.data;
    if (letter === undefined) return true;
    const replayed = await this.maker.post(`${path}/replay`, { consumer: letter.consumer });
    return replayed.status < 300;
  }

  private async redeliver({ merchant, which }: OperatorOrder): Promise<boolean> {
    const { world } = this.tools;
    const owner = world.merchants[merchant]?.id;
    const path = '/admin/v1/webhook_deliveries';
    const listed = await this.maker.get<{ data: readonly { id: string; merchant_id: string | null }[] }>(
      `${path}?status=delivered&limit=100`,
    );
    const theirs = listed.status === 200 ? listed.body.data.filter(({ merchant_id: id }) => id === owner) : [];
    const chosen = theirs[Math.floor(which * theirs.length)];
    if (chosen === undefined) return false;
    return (await this.maker.post(`${path}/${chosen.id}/redeliver`, {})).status === 202;
  }
}

const pathOf = (id: string): string => `/admin/v1/approvals/${id}`;
