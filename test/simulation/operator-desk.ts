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

const LOOK_EVERY_MS = 200;
/** While everything dies all the time, what is paid is told late. */
const FIRST_PAID_WITHIN_MS = 60_000;
/** Processes die and come back within seconds. */
const PATIENCE_MS = 60_000;
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
  /** Keys that must not open anything any more. */
  readonly revoked: string[] = [];
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
    const { signal } = this.tools;
    const startedAt = performance.now();
    const acting: Promise<void>[] = [];
    for (const order of this.orders) {
      await pause(order.atMs - (performance.now() - startedAt), signal);
      if (signal.aborted) break;
      acting.push(this.try(order));
    }
    await Promise.all(acting);
  }

  private async try(order: OperatorOrder): Promise<void> {
    const { counters } = this.tools;
    try {
      if (await this.act(order)) counters.add(`operator ${order.action}`);
    } catch {
      // No answer, for as long as one has patience.
      counters.add('operator_unanswered');
    }
  }

  private hear(merchant: number, { body }: Delivery): void {
    const { type, data } = JSON.parse(body) as Told;
    if (type === 'payment.succeeded') this.succeeded.set(merchant, [...(this.succeeded.get(merchant) ?? []), data]);
  }

  /** @returns whether it came to its end */
  private act(order: OperatorOrder): Promise<boolean> {
    switch (order.action) {
      case 'refund_approved':
        return this.refund(order, (id) => this.decide(id, 'approve', ['approved', 'done', 'failed']));
      case 'refund_approved_twice':
        return this.refund(order, async (id) => {
          const both = [1, 2].map(() => this.decide(id, 'approve', ['approved', 'done', 'failed']));
          return (await Promise.all(both)).every(Boolean);
        });
      case 'refund_rejected':
        return this.refund(order, (id) => this.decide(id, 'reject', ['rejected']));
      case 'refund_withdrawn':
        return this.refund(order, (id) => this.decide(id, 'withdraw', ['withdrawn'], this.maker));
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

  /**
   * Asks until there is an answer that is one. What was done although its answer was lost is asked for once more, and then refused, or done
   * twice where that does no harm.
   */
  private async answered<Body>(ask: () => Promise<ApiAnswer<Body>>): Promise<ApiAnswer<Body>> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const answer = await ask();
        if (answer.status < 500 && answer.status !== 429) return answer;
        if (performance.now() > deadline) return answer;
      } catch (error) {
        if (performance.now() > deadline || this.tools.signal.aborted) throw error;
      }
      await pause(LOOK_EVERY_MS, this.tools.signal);
    }
  }

  private async refund(order: OperatorOrder, decide: (id: string) => Promise<boolean>): Promise<boolean> {
    const payment = await this.paidBy(order);
    if (payment === undefined) return false;
    // Each reason is another, so that nothing is asked for a second time while it waits.
    const reason = `operator ${order.action} at ${order.atMs}`;
    const path = `/admin/v1/payments/${payment.id}/refunds`;
    const amount = Math.min(PART, payment.amount);
    const asked = await this.answered(() => this.maker.post<Approval>(path, { amount, reason }));
    return asked.status === 202 && (await this.untilThere(asked.body.id)) && decide(asked.body.id);
  }

  /** What that merchant was paid by then; whoever is asked early waits for it. */
  private async paidBy({
    merchant,
    which,
  }: Pick<OperatorOrder, 'merchant' | 'which'>): Promise<Told['data'] | undefined> {
    const { signal } = this.tools;
    const deadline = performance.now() + FIRST_PAID_WITHIN_MS;
    while (performance.now() < deadline && !signal.aborted) {
      const paid = this.succeeded.get(merchant) ?? [];
      if (paid.length > 0) return paid[Math.floor(which * paid.length)];
      await pause(LOOK_EVERY_MS, signal);
    }
    return undefined;
  }

  /** By events: there after a moment. */
  private async untilThere(id: string): Promise<boolean> {
    const { signal } = this.tools;
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline && !signal.aborted) {
      const { status } = await this.answered(() => this.checker.get(pathOf(id)));
      if (status === 200) return true;
      await pause(LOOK_EVERY_MS, signal);
    }
    return false;
  }

  /** @returns whether it is in one of the states by then, whoever's answer was lost */
  private async decide(
    id: string,
    how: 'approve' | 'reject' | 'withdraw',
    states: readonly string[],
    by = this.checker,
  ): Promise<boolean> {
    await this.answered(() => by.post(`${pathOf(id)}/${how}`, {}));
    const { body } = await this.answered(() => by.get<Approval>(pathOf(id)));
    return states.includes(body.state);
  }

  /** Who asked is refused, and so is a key. */
  private async tryAlone(id: string): Promise<boolean> {
    const path = `${pathOf(id)}/approve`;
    const answers = [
      await this.answered(() => this.maker.post(path, {})),
      await this.answered(() => this.tools.world.admin.post(path, {})),
    ];
    for (const { status, text } of answers)
      if (status < 400) this.failings.push(`${id} was approved by whoever must not: ${status} ${text}`);
    return answers.every(({ status }) => status === 403);
  }

  private async changeRules(): Promise<boolean> {
    const content = RULES[(this.rulesMade += 1) % RULES.length];
    const rules = '/admin/v1/routing/rule_sets';
    const made = await this.answered(() => this.maker.post<{ version: number }>(rules, { content, note: 'simulated' }));
    if (made.status !== 201) return false;
    const path = `${rules}/${made.body.version}/activate`;
    const asked = await this.answered(() => this.maker.post<Approval>(path, {}));
    if (asked.status !== 202 || !(await this.untilThere(asked.body.id))) return false;
    return this.decide(asked.body.id, 'approve', ['approved', 'done', 'failed']);
  }

  /** A key of its own, so that the merchant goes on. */
  private async endKey({ merchant, action }: OperatorOrder): Promise<boolean> {
    const { world } = this.tools;
    const keys = `/admin/v1/merchants/${world.merchants[merchant]?.id ?? ''}/api_keys`;
    const made = await this.answered(() => this.maker.post<{ id: string; secret: string }>(keys, { livemode: false }));
    if (made.status !== 201) return false;
    const { id, secret } = made.body;
    const key = `/admin/v1/api_keys/${id}`;
    const ended = await this.answered(() =>
      action === 'key_revoked' ? this.maker.delete(key) : this.maker.post(`${key}/roll`, { overlap_seconds: 0 }),
    );
    // What was lost the first time is refused the second: it has ended.
    if (ended.status >= 300 && ended.status !== 404 && ended.status !== 409) return false;
    this.revoked.push(secret);
    return true;
  }

  private async replay(): Promise<boolean> {
    const path = '/admin/v1/dead_letters';
    const listed = await this.answered(() => this.maker.get<{ data: readonly { consumer: string }[] }>(path));
    if (listed.status !== 200) return false;
    const [letter] = listed.body.data;
    if (letter === undefined) return true;
    const replayed = await this.answered(() => this.maker.post(`${path}/replay`, { consumer: letter.consumer }));
    return replayed.status < 300;
  }

  private async redeliver({ merchant, which }: OperatorOrder): Promise<boolean> {
    // Once it has taken one.
    if ((await this.paidBy({ merchant, which })) === undefined) return false;
    const owner = this.tools.world.merchants[merchant]?.id;
    const path = '/admin/v1/webhook_deliveries';
    const list = `${path}?status=delivered&limit=100`;
    const listed = await this.answered(() =>
      this.maker.get<{ data: readonly { id: string; merchant_id: string | null }[] }>(list),
    );
    const theirs = listed.status === 200 ? listed.body.data.filter(({ merchant_id: id }) => id === owner) : [];
    const chosen = theirs[Math.floor(which * theirs.length)];
    if (chosen === undefined) return false;
    return (await this.answered(() => this.maker.post(`${path}/${chosen.id}/redeliver`, {}))).status === 202;
  }
}

const pathOf = (id: string): string => `/admin/v1/approvals/${id}`;
