/** Gives back what is to be given back, once a merchant's server has heard that its payment succeeded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../support/webhook-receiver.js';
import { sendUntilAccepted, type LoadTools } from './load.js';
import type { JournalEntry, Wish } from './journal.js';
import type { RefundOrder } from './money-out-orders.js';

interface Told {
  readonly type: string;
  readonly data: { readonly id: string; readonly reference: string };
}

export class RefundDesk {
  private readonly orders: Map<string, RefundOrder>;
  private readonly running = new Set<Promise<void>>();
  private readonly failures: unknown[] = [];

  constructor(
    orders: readonly RefundOrder[],
    private readonly tools: LoadTools,
  ) {
    this.orders = new Map(orders.map((order) => [`${order.merchant} ${order.reference}`, order]));
    for (const [index, merchant] of tools.world.merchants.entries())
      merchant.listen((delivery) => this.hear(index, delivery));
  }

  /**
   * Whether nothing is being asked for at the moment.
   * @throws what made a client give up
   */
  isIdle(): boolean {
    if (this.failures.length > 0) throw this.failures[0];
    return this.running.size === 0;
  }

  private hear(merchant: number, { body }: Delivery): void {
    const { type, data } = JSON.parse(body) as Told;
    const name = `${merchant} ${data.reference}`;
    const order = type === 'payment.succeeded' ? this.orders.get(name) : undefined;
    if (order === undefined) return;
    // A merchant may hear of it twice, and gives it back once.
    this.orders.delete(name);
    const work = this.giveBack(order, data.id)
      .catch((error: unknown) => void this.failures.push(error))
      .finally(() => this.running.delete(work));
    this.running.add(work);
  }

  private async giveBack(order: RefundOrder, paymentId: string): Promise<void> {
    const { merchant, key, body, behaviour, laterMs, at } = order;
    this.tools.counters.add(`load refund ${behaviour}`);
    const wish: Wish = { kind: 'refund', path: `/v1/payments/${paymentId}/refunds`, merchant, key, body };
    await sleep(laterMs);
    switch (behaviour) {
      case 'plain':
        return this.send(this.tools.journal.open(wish), at);
      case 'twins': {
        const entry = this.tools.journal.open(wish);
        await Promise.all([this.send(entry, 0), this.send(entry, 1)]);
        return;
      }
      case 'repeat': {
        const entry = this.tools.journal.open(wish);
        await this.send(entry, at);
        await sleep(laterMs);
        return this.send(entry, at + 1);
      }
      case 'overdone': {
        const both = [key, `second-${key}`].map((each) =>
          this.tools.journal.open({ ...wish, key: each, mayBeRefused: true }),
        );
        await Promise.all(both.map((entry, index) => this.send(entry, index)));
        if (both.some(({ refused }) => refused.length > 0)) this.tools.counters.add('refund_refused');
        return;
      }
    }
  }

  private send(entry: JournalEntry, at: number): Promise<void> {
    return sendUntilAccepted(entry, { ...this.tools, at, waitSeconds: 0 });
  }
}
