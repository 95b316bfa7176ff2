import type { Call, Reply } from '../../gateway.js';
import type { LedgerEntry, LedgerKind } from '../../ledger.js';
import type { Movement } from '../../movements.js';
import type { Transaction } from '../../transactions.js';
import { json, pageNumber, text, type JsonObject } from '../../wire.js';
import { amountText } from './amounts.js';
import { refuse } from './answers.js';
import type { PayoutOffice } from './money-out.js';
import { payoutFee, payoutId } from './payout-bodies.js';
import { walletCurrency } from './session-request.js';
import { sessionId, transactionId, when } from './sessions.js';

/** About what a page there holds, and so the most that `first` can ask for. */
const PAGE = 1_000;

const TYPES: Readonly<Record<LedgerKind, string>> = {
  charge: 'api_checkout',
  refund: 'api_checkout_refund',
  payout: 'api_payout',
  payout_return: 'api_payout_reversal',
};

/** `GET /v1/transactions?date=&after=&first=`: one day of the wallet, oldest first, with the balance after each line. */
export function readStatement(office: PayoutOffice, call: Call): Reply {
  const { query } = call.request;
  const date = query.get('date') ?? when(Date.now()).slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    return { answer: refuse(422, 'request-validation-error', 'date must be like 2026-01-31') };
  }
  const start = positionOf(query.get('after'));
  if (start === undefined) return { answer: refuse(422, 'request-validation-error', 'after is not a cursor') };
  const lines = linesOf(office, call).filter(({ entry }) => when(entry.at).startsWith(date));
  const first = pageNumber(query.get('first'), PAGE, PAGE);
  const items = lines.slice(start, start + first).map((line) => shown(office, line));
  const end = start + items.length;
  const page_info = {
    start_cursor: items.length === 0 ? null : cursorAt(start + 1),
    end_cursor: items.length === 0 ? null : cursorAt(end),
    has_next_page: end < lines.length,
  };
  return { answer: json(200, { page_info, date, items }) };
}

interface Line {
  readonly entry: LedgerEntry;
  /** Positive when the wallet gains. Integer minor units. */
  readonly signedMinor: number;
  /** After this line. Integer minor units. */
  readonly balanceMinor: number;
}

/** The wallet's lines, counted back from what it holds now. */
function linesOf({ ledger, floats, gateway }: PayoutOffice, { account }: Call): Line[] {
  const currency = walletCurrency(account);
  let balanceMinor = floats.of(gateway(), account.name, currency).balance;
  const mine = ledger
    .page(0, ledger.size)
    .filter((entry) => entry.gateway === 'wave' && entry.account === account.name && entry.currency === currency);
  const newestFirst = mine.toReversed().map((entry) => {
    const isGain = entry.kind === 'charge' || entry.kind === 'payout_return';
    const line = { entry, signedMinor: isGain ? entry.amount : -entry.amount, balanceMinor };
    balanceMinor -= line.signedMinor;
    return line;
  });
  return newestFirst.toReversed();
}

function shown(office: PayoutOffice, { entry, signedMinor, balanceMinor }: Line): JsonObject {
  const { kind, currency, at, sequence } = entry;
  const session = kind === 'charge' || kind === 'refund' ? sessionIn(office, entry) : undefined;
  const payout = kind === 'payout' || kind === 'payout_return' ? payoutIn(office, entry) : undefined;
  return {
    timestamp: when(at),
    transaction_id: kind === 'charge' && session !== undefined ? transactionId(session) : `T_${sequence}`,
    transaction_type: TYPES[kind],
    amount: amountText(signedMinor, currency),
    fee: kind === 'payout' && payout !== undefined ? payoutFee(payout) : '0',
    balance: amountText(balanceMinor, currency),
    currency,
    is_reversal: kind === 'payout_return',
    counterparty_name: text(payout?.detail, 'name') ?? null,
    counterparty_mobile: payout?.phone ?? session?.customer.phone ?? null,
    client_reference: text((session ?? payout)?.detail, 'clientReference') ?? null,
    ...(session === undefined ? {} : { checkout_api_session_id: sessionId(session) }),
    ...(payout === undefined ? {} : { payout_id: payoutId(payout) }),
  };
}

/** Several sessions may share a reference: they were booked in the order in which they were paid. */
function sessionIn({ transactions }: PayoutOffice, entry: LedgerEntry): Transaction | undefined {
  const paid = transactions
    .of(entry.account, entry.chargeReference ?? entry.reference)
    .filter(({ status }) => status === 'succeeded')
    .toSorted((one, other) => (one.finishedAt ?? 0) - (other.finishedAt ?? 0));
  if (entry.kind === 'charge') return paid[entry.nth - 1];
  return paid.find(({ refunds = [] }) => refunds.some(({ status }) => status === 'succeeded'));
}

function payoutIn({ payouts }: PayoutOffice, entry: LedgerEntry): Movement | undefined {
  return payouts.of(entry.account, entry.reference).findLast(({ createdAt }) => createdAt <= entry.at);
}

/** A cursor names the line after which the next page begins. */
function cursorAt(position: number): string {
  return Buffer.from(`line:${position}`).toString('base64url');
}

function positionOf(cursor: string | null): number | undefined {
  if (cursor === null || cursor === '') return 0;
  const [, digits] = /^line:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
