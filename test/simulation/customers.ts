/** The merchants' customers, as far as somebody has to act for them: they are sent to a gateway's page, and pay there, refuse, or never come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../support/webhook-receiver.js';
import type { Counters } from './counters.js';
import type { Disposition, Order } from './orders.js';
import type { World } from './world/world.js';

/** A gateway that is away, or a program that does not answer, is tried again after this. */
const AGAIN_AFTER_MS = 500;
/** Longer than any outage that a run makes, at that pace. */
const MAX_TRIES = 240;
const TIMEOUT_MS = 3_000;

interface Told {
  readonly type: string;
  readonly data: {
    readonly id: string;
    readonly reference: string;
    readonly next_action: { readonly type: string; readonly url?: string } | null;
  };
}

interface ShownPayment {
  readonly attempts: readonly { readonly gateway: string; readonly reference: string; readonly status: string }[];
}

export class Customers {
  /** Pages that somebody has opened or refused at: the payment's public id and the gateway. */
  private readonly acted = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly dispositions: ReadonlyMap<string, Disposition>;
  private readonly gatewayAt: ReadonlyMap<string, string>;

  constructor(
    orders: readonly Order[],
    private readonly world: World,
    private readonly counters: Counters,
    private readonly signal: AbortSignal,
  ) {
    this.dispositions = new Map(orders.map(({ body, customer }) => [String(body['reference']), customer]));
    this.gatewayAt = new Map(Object.entries(world.sandbox.gateways).map(([name, url]) => [new URL(url).origin, name]));
    for (const [index, merchant] of world.merchants.entries())
      merchant.listen((delivery) => this.hear(index, delivery));
  }

  dispositionOf(reference: string): Disposition {
    return this.dispositions.get(reference) ?? 'pays';
  }

  /** Whether the customer did anything at the page that this gateway has for the payment. */
  hasActed(paymentId: string, gateway: string): boolean {
    return this.acted.has(`${paymentId} ${gateway}`);
  }

  /** A merchant's server learned where its customer has to go, and sends them there. */
  private hear(merchant: number, { body }: Delivery): void {
    const { type, data } = JSON.parse(body) as Told;
    const url = data.next_action?.url;
    if (type !== 'payment.requires_action' || data.next_action?.type !== 'redirect' || url === undefined) return;
    if (this.seen.has(url)) return;
    this.seen.add(url);
    void this.act(merchant, data, url);
  }

  private async act(merchant: number, { id, reference }: Told['data'], url: string): Promise<void> {
    const disposition = this.dispositionOf(reference);
    this.counters.add(`customer ${disposition}`);
    if (disposition === 'never') return;
    const gateway = this.gatewayAt.get(new URL(url).origin) ?? '';
    for (let tries = 1; tries <= MAX_TRIES && !this.signal.aborted; tries += 1) {
      const done = await (disposition === 'pays' ? this.open(url) : this.refuse(merchant, id, gateway)).catch(
        () => false,
      );
      if (done) {
        this.acted.add(`${id} ${gateway}`);
        return;
      }
      await sleep(AGAIN_AFTER_MS);
    }
  }

  private async open(url: string): Promise<boolean> {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.arrayBuffer();
    // A page that is gone (410 or 404 once it expired) is as final as one that opened.
    return response.status < 500;
  }

  /** By hand, as no page has a button for it. */
  private async refuse(merchant: number, id: string, gateway: string): Promise<boolean> {
    const client = this.world.clientOf(this.world.merchants[merchant]?.secretKey ?? '');
    const { status, body } = await client.get<ShownPayment>(`/v1/payments/${id}?expand[]=attempts`);
    const attempt = body.attempts?.findLast((each) => each.gateway === gateway);
    if (status !== 200 || attempt === undefined) return false;
    await this.world.sandbox.decline(gateway, attempt.reference).catch((error: unknown) => {
      // Decided already, or not a page after all: there is nothing left to refuse.
      if (!String(error).includes('answered 4')) throw error;
    });
    return true;
  }
}
