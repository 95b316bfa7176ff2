import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional, IsRFC3339, IsString, Matches, MaxLength } from 'class-validator';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Described } from '../../../kernel/http/described.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { pageOf, uuidOf } from '../list-parts.js';
import { listSettlements, SETTLEMENT_STATUSES, type SettlementRow } from './settlements.store.js';

const MAX_ID = 64;

class SettlementsQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  @IsOptional()
  @IsIn(SETTLEMENT_STATUSES)
  status?: string;

  @IsOptional()
  @Matches(/^[A-Z]{3}$/)
  currency?: string;

  /** Inclusive. */
  @IsOptional()
  @IsRFC3339()
  settled_after?: string;

  /** Exclusive. */
  @IsOptional()
  @IsRFC3339()
  settled_before?: string;

  /** Whether it has come in at the bank. */
  @IsOptional()
  @IsIn(['true', 'false'])
  received?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** What gateways have paid to the bank, or will. For operators. */
@Controller('admin/v1/reconciliation')
@AdminApi('reconciliation')
export class SettlementsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get('settlements')
  @Described(
    'What gateways say that they have paid to the bank in one sum, or will: gross, what they kept, and what arrives; and as which entry of a statement it came in. The newest first, as we heard of them.',
  )
  async settlements(@ValidQuery(SettlementsQuery) query: SettlementsQuery): Promise<Page<unknown>> {
    const rows = await listSettlements(this.database, {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      status: query.status ?? null,
      currency: query.currency ?? null,
      settledAfter: query.settled_after === undefined ? null : new Date(query.settled_after),
      settledBefore: query.settled_before === undefined ? null : new Date(query.settled_before),
      isReceived: query.received === undefined ? null : query.received === 'true',
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      limit: query.limit + 1,
      before: uuidOf('settlement', 'starting_after', query.starting_after),
      after: uuidOf('settlement', 'ending_before', query.ending_before),
    });
    return pageOf(rows, query, shownSettlement);
  }
}

function shownSettlement(row: SettlementRow): Record<string, unknown> {
  return {
    object: 'settlement',
    id: encodeId('settlement', row.id),
    gateway: row.gateway,
    gateway_account: encodeId('gatewayAccount', row.gatewayAccountId),
    livemode: row.livemode,
    gateway_id: row.gatewayId,
    status: row.status,
    currency: row.currency,
    gross: toJsonAmount(row.gross),
    fees: toJsonAmount(row.fees),
    net: toJsonAmount(row.net),
    settled_at: row.settledAt?.toISOString() ?? null,
    bank_reference: row.bankReference,
    received: receivedOf(row),
    told_at: row.toldAt.toISOString(),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function receivedOf(row: SettlementRow): Record<string, unknown> | null {
  const { bankLineId, receivedBy, receivedBecause, receivedAt } = row;
  if (bankLineId === null) return null;
  return {
    bank_line: encodeId('bankLine', bankLineId),
    by: receivedBy,
    because: receivedBecause,
    at: receivedAt?.toISOString() ?? null,
  };
}
