/** Everything the invariants are judged by, gathered once per look: our rows, the sandbox's books, the merchants' memory. */
import { decodeId } from '../../../src/kernel/ids/ids.js';
import { groupBy } from '../../../src/kernel/collections/group-by.js';
import type { LedgerLine } from '../../support/program.js';
import type { Customers } from '../customers.js';
import { publicIdOf, type Journal, type JournalEntry } from '../journal.js';
import type { Merchant } from '../world/merchants.js';
import type { World } from '../world/world.js';
import { gatherHolds, gatherMoneyOut, type MoneyOut } from './money-out-evidence.js';

export interface PaymentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  readonly platform_fee: string;
  readonly status: string;
  readonly winning_attempt_id: string | null;
}

export interface AttemptRow {
  readonly id: string;
  /** The payment, refund or payout that it is an attempt at. */
  readonly payment_id: string;
  readonly kind: 'payment' | 'refund' | 'payout';
  readonly merchant_id: string;
  readonly sequence: number;
  readonly gateway: string;
  readonly gateway_account_id: string;
  readonly reference: string;
  readonly status: string;
  readonly outcome_code: string | null;
  readonly captured_amount: string | null;
  readonly captured_currency: string | null;
  /** As what it was given up first, by the events; null if it never was. */
  readonly concluded_as: string | null;
  readonly was_unknown: boolean;
  /** When the gateway is asked again; null if it is not. */
  readonly next_check_at: Date | null;
  /** Whether Orange's token is there, without which it cannot be asked. */
  readonly has_pay_token: boolean;
}

/** A payment as its merchant knows it, with the row behind it. */
export interface AcceptedPayment {
  readonly entry: JournalEntry;
  readonly publicId: string;
  readonly uuid: string;
  readonly row: PaymentRow | undefined;
}

export type Query = <Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface Evidence {
  readonly world: World;
  readonly journal: Journal;
  readonly customers: Customers;
  readonly payments: readonly PaymentRow[];
  readonly accepted: readonly AcceptedPayment[];
  /** At payments; those at refunds and payouts are in {@link moneyOut}. */
  readonly attempts: readonly AttemptRow[];
  readonly attemptsOf: ReadonlyMap<string, readonly AttemptRow[]>;
  /** What was taken at the sandbox, by the reference that the gateway was given. */
  readonly charges: ReadonlyMap<string, readonly LedgerLine[]>;
  readonly moneyOut: MoneyOut;
  /** Public ids of attempts, and of payments, that operators are shown as open questions. */
  readonly cases: ReadonlySet<string>;
  /** UUIDs of the merchants, in the order of the world's. */
  readonly merchantIds: readonly string[];
  query: Query;
}

export async function gatherEvidence(world: World, journal: Journal, customers: Customers): Promise<Evidence> {
  // The sandbox first: what it takes after this look is not held against our rows.
  const lines = await world.sandbox.ledger();
  const query = <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
    world.cluster.query<Row>(sql, values);
  // Holds before attempts: one that was released while its attempt was open is so for ever.
  const holds = await gatherHolds(query);
  const payments = await query<PaymentRow & Record<string, unknown>>(
    `SELECT id, merchant_id, reference, amount::text, currency, platform_fee::text, status, winning_attempt_id FROM payments.payment`,
  );
  const everyAttempt = await query<AttemptRow & Record<string, unknown>>(
    `SELECT a.id, a.payment_id, a.kind, a.merchant_id, a.sequence, a.gateway, a.gateway_account_id, a.reference, a.status, a.outcome_code, a.captured_amount::text, a.captured_currency,
            a.next_check_at, a.handles ? 'pay_token' AS has_pay_token, told.concluded_as, coalesce(told.was_unknown, false) AS was_unknown
       FROM routing.attempt a LEFT JOIN (
         SELECT (payload->'attempt'->>'attempt_id')::uuid AS id,
                (array_agg(payload->'attempt'->>'status' ORDER BY xid, seq) FILTER (WHERE payload->'attempt'->>'status' IN ('declined', 'not_sent')))[1] AS concluded_as,
                bool_or(payload->'attempt'->>'status' = 'unknown') AS was_unknown
           FROM messaging.outbox WHERE type IN ('routing.attempt_concluded.v1', 'routing.attempt_updated.v1', 'routing.disbursement_attempted.v1') GROUP BY 1) told ON told.id = a.id`,
  );
  const attempts = everyAttempt.filter(({ kind }) => kind === 'payment');
  const rows = new Map(payments.map((row) => [row.id, row]));
  return {
    world,
    journal,
    customers,
    payments,
    accepted: acceptedOf(journal, rows),
    attempts,
    attemptsOf: groupBy(attempts, ({ payment_id: id }) => id),
    charges: groupBy(
      lines.filter(({ kind }) => kind === 'charge'),
      ({ reference }) => reference,
    ),
    moneyOut: await gatherMoneyOut(query, { lines, everyAttempt, holds }),
    cases: await casesOf(world),
    merchantIds: world.merchants.map(uuidOf),
    query,
  };
}

function acceptedOf(journal: Journal, rows: ReadonlyMap<string, PaymentRow>): readonly AcceptedPayment[] {
  return journal.entries.flatMap((entry) => {
    const publicId = publicIdOf(entry);
    if (entry.kind !== 'payment' || publicId === undefined) return [];
    const uuid = decodeId('payment', publicId) ?? '';
    return [{ entry, publicId, uuid, row: rows.get(uuid) }];
  });
}

function uuidOf(merchant: Merchant): string {
  return decodeId('merchant', merchant.id) ?? '';
}

/** Through the API, since a case that only the database knows is not visible. */
async function casesOf(world: World): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let cursor = '';
  for (;;) {
    const { status, text, body } = await world.admin.get<{
      data: { id: string; payment_id?: string }[];
      has_more: boolean;
    }>(`/admin/v1/routing/cases?limit=100${cursor}`);
    if (status !== 200) throw new Error(`The cases could not be read: ${status} ${text}`);
    for (const { id, payment_id: paymentId } of body.data) {
      found.add(id);
      if (paymentId !== undefined) found.add(paymentId);
    }
    const last = body.data.at(-1);
    if (!body.has_more || last === undefined) return found;
    cursor = `&starting_after=${last.id}`;
  }
}
