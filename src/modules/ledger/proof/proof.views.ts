/** How the ledger's own soundness looks over HTTP. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { DriftedTotal, DriftRow } from './audit/audit.store.js';
import type { PublishedHead } from './chain/head.js';

export interface HeadView {
  readonly object: 'ledger_head';
  /** Null before anything was chained. */
  readonly head: PublishedHead | null;
  /** By key id, 32 bytes as base64url: the keys whose signatures count here. */
  readonly public_keys: Readonly<Record<string, string>>;
}

export interface DriftView {
  readonly object: 'ledger_account_drift';
  readonly id: string;
  readonly account_id: string;
  /** What stands there, and what it adds up to. */
  readonly totals: readonly DriftedTotal[];
  /** Whether the account was frozen when this was found. */
  readonly frozen: boolean;
  readonly found_at: string;
  /** When it was so no more, or when another finding took its place. */
  readonly ended_at: string | null;
}

export function viewDrift(row: DriftRow): DriftView {
  return {
    object: 'ledger_account_drift',
    id: encodeId('drift', row.id),
    account_id: encodeId('account', row.accountId),
    totals: row.totals,
    frozen: row.frozen,
    found_at: row.foundAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
  };
}

export const DRIFT_CSV: CsvColumns<DriftView> = {
  id: (drift) => drift.id,
  found_at_utc: (drift) => drift.found_at,
  account: (drift) => drift.account_id,
  totals: (drift) => JSON.stringify(drift.totals),
  frozen: (drift) => drift.frozen,
  ended_at_utc: (drift) => drift.ended_at,
};
