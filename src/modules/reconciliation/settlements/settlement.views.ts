import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { settlementAnswer } from './settlement.answers.js';
import type { SettlementRow } from './settlements.store.js';

export type ShownSettlement = z.infer<typeof settlementAnswer>;

export function shownSettlement(row: SettlementRow): ShownSettlement {
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

function receivedOf(row: SettlementRow): ShownSettlement['received'] {
  const { bankLineId, receivedBy, receivedBecause, receivedAt } = row;
  if (bankLineId === null) return null;
  return {
    bank_line: encodeId('bankLine', bankLineId),
    by: receivedBy,
    because: receivedBecause,
    at: receivedAt?.toISOString() ?? null,
  };
}
