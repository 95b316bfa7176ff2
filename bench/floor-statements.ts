/** The three rows of an accepted payment as three plain INSERTs, for whoever sends one transaction per payment. */

/** SQL expressions: text, bigint and bigint. Together they are unique for each transaction. */
export interface FloorVariables {
  readonly run: string;
  readonly client: string;
  readonly number: string;
}

const MERCHANT = `'00000000-0000-7000-8000-0000000000b0'`;
/** As long as the answer that accepting stores under the key. */
const ANSWER_LENGTH = 640;
/** 32 bytes, as a SHA-256 has. */
const FINGERPRINT = `'\\x${'5a'.repeat(32)}'::bytea`;
/** pgbench takes a colon before a letter or a digit for a variable, hence the spaces. */
const METHOD = `'{"type": "mobile_money", "network": "mtn", "phone": "+233241234567"}'`;
const CUSTOMER = `'{"email": "ama.mensah@example.com", "name": "Ama Mensah"}'`;
const PAYLOAD = `'{"payment_id": "00000000-0000-7000-8000-0000000000b0", "livemode": false, "amount": 1500, "currency": "GHS", "reference": "order-0123456789ab-1", "method": {"type": "mobile_money", "network": "mtn", "phone": "+233241234567"}, "customer": {"email": "ama.mensah@example.com", "name": "Ama Mensah"}, "description": "Order 1"}'`;

export function floorStatements({ run, client, number }: FloorVariables): readonly string[] {
  // Each client counts up, so new ids go to the end of its part of the index, as time-ordered ones do.
  const id = `(lpad(to_hex(hashtext(${run})::bit(32)::bigint), 8, '0') || lpad(to_hex(${client}), 8, '0') || lpad(to_hex(${number}), 16, '0'))::uuid`;
  const name = `${run} || '-' || ${client} || '-' || ${number}`;
  return [
    `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, status, body) VALUES (${MERCHANT}, false, ${name}, 'POST /v1/payments', ${FINGERPRINT}, ${id}, 202, repeat('x', ${ANSWER_LENGTH}))`,
    `INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, description, metadata, platform_fee, status, correlation_id, created_at) VALUES (${id}, ${MERCHANT}, false, ${name}, 1500, 'GHS', ${METHOD}, ${CUSTOMER}, 'Order 1', '{"order_id": "1"}', 7, 'processing', 'req_00000000000000000000000000', now())`,
    `INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers) VALUES (${id}, 'bench.payment_created.v1', 'payment', ${id}::text, ${MERCHANT}, ${PAYLOAD}, '{"correlation_id": "req_00000000000000000000000000"}')`,
  ];
}
