/** Paying as a merchant's system does, and looking at what came of it through the API. */
import { randomUUID } from 'node:crypto';

import type { ApiAnswer } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import type { System } from './system.js';

export interface AttemptResource {
  readonly id: string;
  readonly gateway: string;
  readonly reference: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly blame: string | null;
}

export interface PaymentResource {
  readonly object: 'payment';
  readonly id: string;
  readonly livemode: boolean;
  readonly status: 'processing' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';
  readonly amount: number;
  readonly currency: string;
  readonly reference: string;
  readonly next_action: Readonly<Record<string, string>> | null;
  readonly failure_code: string | null;
  readonly gateway: string | null;
  readonly fees: { readonly platform: number; readonly gateway: number | null };
  readonly concluded_at: string | null;
  readonly attempts?: readonly AttemptResource[];
}

export type PaymentWithAttempts = PaymentResource & { readonly attempts: readonly AttemptResource[] };

interface List<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}

/** Answers 10 s later at the latest: more than anything healthy takes. */
export const WAIT = 'wait=10';

/** The demo merchant's fee, in basis points of the amount. */
export const PLATFORM_FEE_BPS = 50;

/** A phone whose customer approves. The last four digits of others are magic: see the sandbox's README. */
export const GHANA_PHONE = '+233241234567';

/** The body of a mobile-money payment in cedi that every gateway can take. */
export function mobileMoney(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    amount: 10_000,
    currency: 'GHS',
    reference: `order-${randomUUID()}`,
    method: { type: 'mobile_money', network: 'mtn', phone: GHANA_PHONE },
    ...changes,
  };
}

/** The same from a customer with a magic number. */
export function mobileMoneyFrom(lastFourDigits: string): Record<string, unknown> {
  const phone = `${GHANA_PHONE.slice(0, -4)}${lastFourDigits}`;
  return mobileMoney({ method: { type: 'mobile_money', network: 'mtn', phone } });
}

/** Sends a payment with a key of its own. */
export function send(
  system: System,
  body: Readonly<Record<string, unknown>>,
  prefer?: string,
): Promise<ApiAnswer<PaymentResource>> {
  const idempotencyKey = randomUUID();
  return system.merchant.post('/v1/payments', body, { idempotencyKey, ...(prefer === undefined ? {} : { prefer }) });
}

/** Sends a payment that must be accepted, and returns it as answered. */
export async function pay(
  system: System,
  body: Readonly<Record<string, unknown>> = mobileMoney(),
  prefer: string | undefined = WAIT,
): Promise<PaymentResource> {
  const answer = await send(system, body, prefer);
  if (answer.status !== 201 && answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

export async function read(system: System, id: string): Promise<PaymentWithAttempts> {
  const answer = await system.merchant.get<PaymentWithAttempts>(`/v1/payments/${id}?expand[]=attempts`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

/** Waits until the payment has this status. */
export function untilStatus(
  system: System,
  id: string,
  status: PaymentResource['status'],
  timeoutMs = 20_000,
): Promise<PaymentWithAttempts> {
  return eventually(
    async () => {
      const payment = await read(system, id);
      if (payment.status !== status) throw new Error(`the payment is ${JSON.stringify(payment)}`);
      return payment;
    },
    { timeoutMs, everyMs: 50 },
  );
}

/** Everything a list holds, page by page. Whoever is told to come again does: lists are shed before payments are. */
export async function everyPage<T extends { readonly id: string }>(
  client: System['merchant'],
  path: string,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (;;) {
    const last = found.at(-1);
    const cursor = last === undefined ? '' : `&starting_after=${last.id}`;
    const answer = await eventually(
      async () => {
        const page = await client.get<List<T>>(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`);
        if (page.status === 503) throw new Error(`${path}: ${page.text}`);
        return page;
      },
      { everyMs: 500 },
    );
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}: ${answer.text}`);
    found.push(...answer.body.data);
    if (!answer.body.has_more) return found;
  }
}

export function everyPayment(system: System): Promise<readonly PaymentWithAttempts[]> {
  return everyPage<PaymentWithAttempts>(system.merchant, '/v1/payments?expand[]=attempts');
}

export interface Case {
  readonly id: string;
  readonly payment_id: string;
  readonly gateway: string;
  readonly reference: string;
  readonly status: string;
  readonly captured_amount: number | null;
}

/** What operators are shown of attempts whose end is not certain. */
export function everyCase(system: System): Promise<readonly Case[]> {
  return everyPage<Case>(system.admin, '/admin/v1/routing/cases');
}

interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly paymentId: string;
}

/** What the merchant was told, one entry per distinct event. */
export function everyEvent(system: System): readonly ToldEvent[] {
  const events = new Map<string, ToldEvent>();
  for (const { body } of system.receiver.deliveries) {
    const { id, type, data } = JSON.parse(body) as { id: string; type: string; data: { id: string } };
    events.set(id, { id, type, paymentId: data.id });
  }
  return [...events.values()];
}

export function eventsOf(system: System, paymentId: string): readonly ToldEvent[] {
  return everyEvent(system).filter((event) => event.paymentId === paymentId);
}

/** Waits until the merchant has been told exactly this of a payment. */
export function untilTold(system: System, paymentId: string, types: readonly string[]): Promise<void> {
  return eventually(() => expect(eventsOf(system, paymentId).map(({ type }) => type)).toEqual(types));
}
