import { Webhook } from 'standardwebhooks';
import { notifyMerchants } from '../../../src/contracts/consumers.js';
import type { Invariant, Violation } from './invariant.js';

interface Row {
  readonly id: string;
  readonly merchant_id: string;
  readonly body: string;
  readonly source_event_id: string;
  readonly status: string | null;
  readonly payment_id: string;
}

const SECONDS = 1_000;

/** Every webhook was taken by its merchant's server, byte for byte and rightly signed, or stands as given up. */
export const webhooksDelivered: Invariant = {
  name: 'webhooks_delivered',
  async check({ query, world, merchantIds }) {
    const rows = await query<Row & Record<string, unknown>>(
      `SELECT e.id, e.merchant_id, e.body, e.source_event_id, d.status, o.aggregateid AS payment_id FROM messaging.outbox o
         LEFT JOIN notification.event e ON e.source_event_id = o.id LEFT JOIN notification.delivery d ON d.event_id = e.id
        WHERE o.type = ANY($1)`,
      [notifyMerchants.types],
    );
    const taken = new Set(
      world.merchants.flatMap((merchant, index) =>
        [...merchant.taken].map(({ body }) => `${merchantIds[index]} ${body}`),
      ),
    );
    const undelivered = rows.flatMap(
      ({ status, merchant_id: merchantId, body, payment_id: paymentId }): Violation[] => {
        if (status === 'failed' || status === 'abandoned') return [];
        if (status !== 'delivered') return [{ text: `a webhook of it is ${status ?? 'not there'}`, paymentId }];
        if (taken.has(`${merchantId} ${body}`)) return [];
        return [{ text: `a webhook of it is noted as delivered and never arrived: ${body}`, paymentId }];
      },
    );
    return [...undelivered, ...forgeries(world.merchants)];
  },
};

function forgeries(merchants: Parameters<Invariant['check']>[0]['world']['merchants']): readonly Violation[] {
  return merchants.flatMap(({ webhookSecret, receiver }) => {
    const signer = new Webhook(webhookSecret);
    return receiver.deliveries
      .filter(({ headers, body }) => {
        const at = new Date(Number(headers['webhook-timestamp']) * SECONDS);
        const signature = signer.sign(String(headers['webhook-id']), at, body);
        return !String(headers['webhook-signature']).split(' ').includes(signature);
      })
      .map(({ body }) => ({ text: `a webhook is not signed as its merchant's must be: ${body}` }));
  });
}
