/** Receipts to merchants' customers, where the merchant wants that. */
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { paymentSucceeded, refundSucceeded } from '../../../contracts/payments.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { Logger } from '../../../kernel/observability/logger.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { CannotOpen, Vault } from '../../../kernel/secrets/vault.js';
import { addressOf } from './addressee.js';
import { openContent } from './message-content.js';
import { CHANNELS, type Channel } from './message-kinds.js';
import { MessageSettingsStore, type MessageSettingsRow } from './message-settings.store.js';
import { receiptsOf, type ReceiptRow } from './messages.store.js';
import { Messages, type Draft } from './messages.js';
import { plainReference } from './wording.js';

/** What of the payment as merchants see it says whom to tell. */
const payer = z.object({
  reference: z.string().optional(),
  customer: z.object({ email: z.string().optional(), phone: z.string().optional() }).optional(),
  method: z.object({ type: z.string(), phone: z.string().optional() }).optional(),
});

type Paid = StoredEvent<PayloadOf<typeof paymentSucceeded>>;
type Refunded = StoredEvent<PayloadOf<typeof refundSucceeded>>;
type Chosen = (event: Paid | Refunded) => MessageSettingsRow | undefined;

@Injectable()
export class QueueReceipts {
  constructor(
    private readonly messages: Messages,
    private readonly settings: MessageSettingsStore,
    private readonly vault: Vault,
    private readonly logger: Logger,
  ) {}

  async queue(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    if (!CHANNELS.some((channel) => this.messages.isOn(channel))) return;
    const paid = events.filter((event) => event.type === paymentSucceeded.type) as readonly Paid[];
    const refunded = events.filter((event) => event.type === refundSucceeded.type) as readonly Refunded[];
    if (paid.length + refunded.length === 0) return;
    const settings = await this.settings.of(tx, [...paid, ...refunded].flatMap(ownerOf));
    const chosen: Chosen = (event) => ownerOf(event).map(settings)[0];
    await this.messages.queue(
      tx,
      paid.flatMap((event) => this.ofPayment(event, chosen(event))),
    );
    // Afterwards: both may have come together.
    await this.messages.queue(tx, await this.ofRefunds(tx, refunded, chosen));
  }

  private ofPayment(event: Paid, settings: MessageSettingsRow | undefined): readonly Draft[] {
    const read = payer.safeParse(event.payload.resource);
    if (!read.success) return [];
    const { customer, method, reference } = read.data;
    // Who pays by mobile money is reached where they have paid from.
    const phone = customer?.phone ?? (method?.type === 'mobile_money' ? method.phone : undefined);
    return CHANNELS.flatMap((channel) => {
      const to = addressOf(channel, channel === 'email' ? customer?.email : phone);
      return to === undefined ? [] : this.receipt('receipt_payment', event, settings, channel, to, reference);
    });
  }

  /** To whom the payment was told, as far as they are still known: the refund itself does not say who it is for. */
  private async ofRefunds(tx: Tx, events: readonly Refunded[], chosen: Chosen): Promise<readonly Draft[]> {
    const wanted = events.filter((event) => chosen(event) !== undefined && event.payload.source === 'merchant');
    if (wanted.length === 0) return [];
    const receipts = await receiptsOf(
      tx,
      wanted.map(({ payload }) => payload.payment_id),
    );
    const drafts: Draft[] = [];
    for (const event of wanted) {
      for (const receipt of receipts.filter((each) => each.subjectId === event.payload.payment_id)) {
        const to = await this.addresseeOf(receipt);
        const { channel, reference } = receipt;
        if (to !== undefined)
          drafts.push(...this.receipt('receipt_refund', event, chosen(event), channel, to, reference));
      }
    }
    return drafts;
  }

  /** Undefined where it was sealed under a master key that is gone: a receipt is not worth holding up webhooks for. */
  private async addresseeOf({ id, sealed }: ReceiptRow): Promise<string | undefined> {
    try {
      return (await openContent(this.vault, id, sealed)).to;
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      this.logger.warn(
        { messageId: id, error: error.message },
        "a refund is told to nobody: its payment's receipt cannot be opened",
      );
      return undefined;
    }
  }

  private receipt(
    kind: 'receipt_payment' | 'receipt_refund',
    event: Paid | Refunded,
    settings: MessageSettingsRow | undefined,
    channel: Channel,
    to: string,
    given: string | null | undefined,
  ): readonly Draft[] {
    const wanted = channel === 'email' ? settings?.receiptsEmail : settings?.receiptsSms;
    if (settings === undefined || settings.name === null || wanted !== true || !this.messages.isOn(channel)) return [];
    const { payment_id, livemode, amount, currency, succeeded_at } = event.payload;
    const reference = plainReference(given);
    const data = {
      merchant: settings.name,
      amount,
      currency,
      at: succeeded_at,
      livemode,
      ...(reference === undefined ? {} : { reference }),
    };
    return [
      {
        said: { kind, data },
        channel,
        language: settings.language,
        content: { to },
        sourceEventId: event.id,
        subjectId: payment_id,
        merchantId: settings.merchantId,
        livemode,
      },
    ];
  }
}

function ownerOf({ merchantId, payload }: Paid | Refunded) {
  return merchantId === null ? [] : [{ merchantId, livemode: payload.livemode }];
}
