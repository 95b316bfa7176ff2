import { decodeId } from '../../../src/kernel/ids/ids.js';
import type { Invariant, Violation } from './invariant.js';

/** No row crosses a tenant: whatever belongs to a payment belongs to its merchant, and a merchant hears of its own only. */
export const tenantsApart: Invariant = {
  name: 'no_row_crosses_a_tenant',
  async check({ accepted, journal, merchantIds, query, world }) {
    const broken: Violation[] = journal.surprises
      .filter(({ invariant }) => invariant === 'no_row_crosses_a_tenant')
      .map(({ text }) => ({ text }));
    for (const { entry, row, uuid } of accepted) {
      if (row !== undefined && row.merchant_id !== merchantIds[entry.merchant])
        broken.push({ text: `it was made by another merchant`, paymentId: uuid });
    }
    const crossing = await query<{ id: string; what: string }>(
      `SELECT p.id, 'its attempt' AS what FROM payments.payment p JOIN routing.attempt a ON a.payment_id = p.id WHERE a.merchant_id <> p.merchant_id
       UNION ALL SELECT a.payment_id, 'the account of its attempt at ' || a.gateway FROM routing.attempt a JOIN routing.gateway_account g ON g.id = a.gateway_account_id
                  WHERE g.merchant_id <> a.merchant_id
       UNION ALL SELECT p.id, 'its copy in routing' FROM payments.payment p JOIN routing.payment r ON r.payment_id = p.id WHERE r.merchant_id <> p.merchant_id
       UNION ALL SELECT p.id, 'its event ' || o.type FROM payments.payment p JOIN messaging.outbox o ON o.aggregateid = p.id::text AND o.aggregatetype = 'payment' WHERE o.merchant_id IS DISTINCT FROM p.merchant_id
       UNION ALL SELECT p.id, 'its transfer ' || t.kind FROM payments.payment p JOIN ledger.transfer t ON t.subject_id = p.id
                   JOIN ledger.account a ON a.id IN (t.debit_account_id, t.credit_account_id) WHERE a.merchant_id IS NOT NULL AND a.merchant_id <> p.merchant_id
       UNION ALL SELECT r.payment_id, 'its refund' FROM payments.refund r JOIN payments.payment p ON p.id = r.payment_id WHERE r.merchant_id <> p.merchant_id
       UNION ALL SELECT p.id, 'its attempt' FROM payments.payout p JOIN routing.attempt a ON a.payment_id = p.id WHERE a.merchant_id <> p.merchant_id
       UNION ALL SELECT h.subject_id, 'what its hold draws on' FROM ledger.hold h JOIN ledger.account a ON a.id IN (h.debit_account_id, h.second_debit_account_id, h.credit_account_id)
                  WHERE a.merchant_id IS DISTINCT FROM h.merchant_id
       UNION ALL SELECT e.id, 'a delivery of event ' || e.type FROM notification.event e JOIN notification.delivery d ON d.event_id = e.id
                   JOIN notification.endpoint p ON p.id = d.endpoint_id WHERE p.merchant_id <> e.merchant_id`,
    );
    const held = await query<{ id: string; kind: string }>(
      `SELECT h.subject_id AS id, h.kind FROM ledger.hold h
         JOIN ledger.account a ON a.id IN (h.debit_account_id, h.second_debit_account_id, h.credit_account_id)
        WHERE a.merchant_id IS DISTINCT FROM h.merchant_id`,
    );
    for (const { id, kind } of held) broken.push({ text: `${kind} ${id} is held on accounts of another merchant` });
    for (const { id, what } of crossing) broken.push({ text: `${what} belongs to another merchant`, paymentId: id });
    const told = world.merchants.flatMap(({ receiver }, index) =>
      receiver.deliveries.map(({ body }) => {
        const { data } = JSON.parse(body) as { data: { id: string; object: 'payment' | 'refund' | 'payout' } };
        return { publicId: data.id, uuid: decodeId(data.object, data.id) ?? '', merchantId: merchantIds[index] };
      }),
    );
    // Read after what was told: whatever a merchant has heard of is there by now.
    const owners = await query<{ id: string; merchant_id: string }>(
      'SELECT id, merchant_id FROM payments.payment UNION ALL SELECT id, merchant_id FROM payments.refund UNION ALL SELECT id, merchant_id FROM payments.payout',
    );
    const ownerOf = new Map(owners.map(({ id, merchant_id: merchantId }) => [id, merchantId]));
    for (const { publicId, uuid, merchantId } of told)
      if (ownerOf.get(uuid) !== merchantId)
        broken.push({ text: `another merchant was told of ${publicId}`, paymentId: uuid });
    return broken;
  },
};
