import type { ChargePlan } from './charge-plan.js';
import type { Gateway } from './gateway.js';
import type { Timers } from './timers.js';
import type { OutgoingWebhook, WebhookSender } from './webhooks.js';

/** When the third copy of a repeated webhook follows the two that are sent at the same moment. Milliseconds. */
const THIRD_COPY_MS = 250;

/** Tells the client by webhook what happened, as punctually and as often as the plan says. */
export class Announcer {
  constructor(
    private readonly timers: Timers,
    private readonly webhooks: WebhookSender,
  ) {}

  /** The body is written at the event and never again: a late or repeated webhook still tells what was true then. */
  announce(gateway: Gateway, plan: ChargePlan, write: () => OutgoingWebhook | undefined): void {
    const { webhook, webhookDelayMs } = plan;
    if (webhook === 'never') return;
    const outgoing = write();
    if (outgoing === undefined) return;
    if (webhookDelayMs > 0) this.timers.after(webhookDelayMs, () => this.deliverCopies(gateway, outgoing, webhook));
    else this.deliverCopies(gateway, outgoing, webhook);
  }

  deliver(
    gateway: Gateway,
    outgoing: OutgoingWebhook | undefined,
    retryMs: readonly number[] = gateway.webhookRetryMs,
  ): void {
    if (outgoing !== undefined) this.webhooks.send(gateway.name, outgoing, retryMs);
  }

  private deliverCopies(gateway: Gateway, outgoing: OutgoingWebhook, webhook: 'once' | 'repeated'): void {
    this.deliver(gateway, outgoing);
    if (webhook === 'once') return;
    this.deliver(gateway, outgoing);
    this.timers.after(THIRD_COPY_MS, () => this.deliver(gateway, outgoing));
  }
}
