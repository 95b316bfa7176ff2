/** Requests for payments, as a merchant's server sends them: each with a key and a reference of its own. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface RequestTarget {
  readonly host: string;
  readonly port: number;
  readonly secretKey: string;
  /**
   * How this merchant names keys and references: by counting, so that new ones lie side by side in an index (the default),
   * or at random (UUIDv4), so that each falls on another page of it.
   */
  readonly naming?: 'counted' | 'random';
}

export interface PaymentRequest {
  /** Head and body. */
  readonly request: string;
  readonly reference: string;
}

/** Hex digits written as letters: among a thousand runs, some of digits alone would look like card numbers, which are refused. */
function letters(bytes: number): string {
  return randomBytes(bytes)
    .toString('hex')
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
}

/** Makes one request after another, ready to be written to a socket. */
export function paymentRequests(target: RequestTarget): () => PaymentRequest {
  const run = letters(6);
  let number = 0;
  const head =
    `POST /v1/payments HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nAuthorization: Bearer ${target.secretKey}\r\n` +
    `Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: bench\r\nIdempotency-Key: `;
  return () => {
    number += 1;
    const isRandom = target.naming === 'random';
    const reference = isRandom ? randomUUID() : `order-${run}-${number}`;
    const key = isRandom ? randomUUID() : `${run}-key-${number}`;
    const body =
      `{"amount":${1_500 + (number % 1_000)},"currency":"GHS","reference":"${reference}",` +
      `"method":{"type":"mobile_money","network":"mtn","phone":"+233241234567"},` +
      `"customer":{"email":"ama.mensah@example.com","name":"Ama Mensah"},"description":"Order ${number}","metadata":{"order_id":"${number}"}}`;
    return { request: `${head}${key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, reference };
  };
}
