/**
 * Flutterwave's own books (PROVIDERS 2.7). Lists go by day, so a window is asked for in whole days and cut to size here. A settlement gives
 * the ids of what is in it, and each of them is asked about.
 */
import { dayOf } from '../dates.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { BooksQuery, GatewayBooks, GatewaySettlement, GatewayTransaction, Page } from '../gateway-parts.js';
import { timeLeft } from '../json-calls.js';
import { answered, failed, isFailed, pageNumber, type Failed } from '../pages.js';
import {
  readSettledIds,
  readSettlementPage,
  readTransactionLine,
  readTransactionPage,
  type SettledId,
} from './flutterwave.book-lines.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';
import { numericId } from './flutterwave.lookup.js';

/** Whose days they are is not said. Flutterwave is at home in Lagos, an hour ahead of UTC, where the last hour of a window may be the next day already. */
const AHEAD_OF_UTC_MS = 3_600_000;
/** Lines of a settlement that are asked about at once: few enough to leave connections to the questions of live payments. */
const LINES_AT_ONCE = 10;

export class FlutterwaveBooks implements GatewayBooks {
  readonly covers = ['payment'] as const;

  constructor(private readonly calls: FlutterwaveCalls) {}

  async listTransactions(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewayTransaction>> {
    const path = pathOf('/v3/transactions', query);
    if (isFailed(path)) return path;
    const result = answered(await this.calls.getBooks(account, path, query.timeoutMs));
    return result.kind === 'failed' ? result : readTransactionPage(result.answer, query);
  }

  async listSettlements(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewaySettlement>> {
    const path = pathOf('/v3/settlements', query);
    if (isFailed(path)) return path;
    const result = answered(await this.calls.getBooks(account, path, query.timeoutMs));
    return result.kind === 'failed' ? result : readSettlementPage(result.answer, query.currency);
  }

  async listSettled(
    account: GatewayAccount,
    settlementId: string,
    query: Pick<BooksQuery, 'cursor' | 'currency' | 'timeoutMs'>,
  ): Promise<Page<GatewayTransaction>> {
    const number = pageNumber(query.cursor);
    if (number === undefined) return failed('invalid_cursor');
    if (numericId(settlementId) === undefined) return failed('invalid_settlement_id');
    const left = timeLeft(query.timeoutMs);
    const result = answered(await this.calls.getBooks(account, `/v3/settlements/${settlementId}`, left()));
    if (result.kind === 'failed') return result;
    const ids = readSettledIds(result.answer);
    if (isFailed(ids)) return ids;
    const end = number * LINES_AT_ONCE;
    const asked = await Promise.all(
      ids.slice(end - LINES_AT_ONCE, end).map((id) => this.line(account, id, query, left)),
    );
    const items: GatewayTransaction[] = [];
    for (const item of asked) {
      if (isFailed(item)) return item;
      items.push(item);
    }
    return { kind: 'page', items, next: end < ids.length ? String(number + 1) : null };
  }

  private async line(
    account: GatewayAccount,
    { kind, id }: SettledId,
    query: Pick<BooksQuery, 'currency'>,
    left: () => number,
  ): Promise<GatewayTransaction | Failed> {
    // Asking about a refund by its id is from memory of the version 3 reference.
    const path = kind === 'charge' ? `/v3/transactions/${id}/verify` : `/v3/refunds/${id}`;
    const result = answered(await this.calls.getBooks(account, path, left()));
    return result.kind === 'failed' ? result : readTransactionLine(result.answer, kind, query.currency);
  }
}

function pathOf(path: string, query: BooksQuery): string | Failed {
  const number = pageNumber(query.cursor);
  if (number === undefined) return failed('invalid_cursor');
  const last = new Date(query.to.getTime() - 1 + AHEAD_OF_UTC_MS);
  return `${path}?from=${dayOf(query.from)}&to=${dayOf(last)}&page=${number}`;
}
