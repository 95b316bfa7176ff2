/** Giving back and paying out as a merchant's system does, and looking at what came of it through the API. */
import { randomUUID } from 'node:crypto';

import type { ApiAnswer } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import type { LedgerLine } from '../../support/program.js';
import { WAIT, type AttemptResource, type PaymentResource } from './payments.js';
import type { System } from './system.js';

export interface DisbursementResource {
  readonly object: 'refund' | 'payout';
  readonly id: string;
  readonly status: 'processing' | 'succeeded' | 'failed' | 'returned';
  readonly amount: number;
  readonly currency: string;
  readonly failure_code: string | null;
  readonly gateway: string | null;
  readonly attempts?: readonly AttemptResource[];
}

type Disbursed = DisbursementResource & { readonly attempts: readonly AttemptResource[] };

export const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama Mensah' } as const;

export function refund(
  system: System,
  payment: Pick<PaymentResource, 'id'>,
  body: Readonly<Record<string, unknown>> = {},
  { key = randomUUID(), prefer = WAIT }: { readonly key?: string; readonly prefer?: string } = {},
): Promise<ApiAnswer<DisbursementResource>> {
  return system.merchant.post(`/v1/payments/${payment.id}/refunds`, body, {
    idempotencyKey: key,
    ...(prefer === '' ? {} : { prefer }),
  });
}

export function payOut(
  system: System,
  amount: number,
  body: Readonly<Record<string, unknown>> = {},
  prefer = WAIT,
): Promise<ApiAnswer<DisbursementResource>> {
  return system.merchant.post(
    '/v1/payouts',
    { amount, currency: 'GHS', reference: `po-${randomUUID()}`, destination: WALLET, ...body },
    { idempotencyKey: randomUUID(), ...(prefer === '' ? {} : { prefer }) },
  );
}

export async function readDisbursement(
  system: System,
  { object, id }: Pick<DisbursementResource, 'object' | 'id'>,
): Promise<Disbursed> {
  const answer = await system.merchant.get<Disbursed>(`/v1/${object}s/${id}?expand[]=attempts`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

/** Waits until the refund or payout has this status. */
export function untilDisbursed(
  system: System,
  of: Pick<DisbursementResource, 'object' | 'id'>,
  status: DisbursementResource['status'],
  timeoutMs = 60_000,
): Promise<Disbursed> {
  return eventually(
    async () => {
      const found = await readDisbursement(system, of);
      if (found.status !== status) throw new Error(`it is ${JSON.stringify(found)}`);
      return found;
    },
    { timeoutMs, everyMs: 100 },
  );
}

/** What left for it by the sandbox's books: of a refund, under the reference of the charge, since not every gateway takes one for refunds. */
export async function leftFor(system: System, kind: 'refund' | 'payout', reference: string): Promise<LedgerLine[]> {
  return (await system.sandbox.ledger(reference)).filter((line) => line.kind === kind);
}

export interface Balance {
  readonly currency: string;
  readonly pending: number;
  readonly available: number;
  readonly reserved: number;
  readonly rolling_reserve: number;
}

export async function balancesOf(system: System): Promise<readonly Balance[]> {
  const { status, text, body } = await system.merchant.get<{ data: Balance[] }>('/v1/balances');
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return body.data;
}

export async function balanceIn(system: System, currency = 'GHS'): Promise<Balance> {
  const balances = await balancesOf(system);
  const none = { currency, pending: 0, available: 0, reserved: 0, rolling_reserve: 0 };
  return balances.find((each) => each.currency === currency) ?? none;
}

export const total = ({ pending, available, reserved, rolling_reserve: kept }: Balance): number =>
  pending + available + reserved + kept;
