import { Controller, Get, Inject } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { Env } from '../../../config/env.js';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Described } from '../../../kernel/http/described.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { listed, windowOf } from '../list-window.js';
import { listDrifts, type DriftedTotal, type DriftRow } from './audit/audit.store.js';
import { readNewestHead } from './chain/chain.store.js';
import { publishHead, writePublicKey, type PublishedHead } from './chain/head.js';
import { loadKeyRing } from './chain/signing-key.js';

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

export class DriftsQuery extends PageQuery {
  @IsOptional()
  @IsIn(['open', 'ended'])
  status?: 'open' | 'ended';
}

/** What is known of the ledger's own soundness. */
@AdminApi('ledger')
@Controller('admin/v1/ledger')
export class ProofController {
  constructor(
    private readonly databases: Databases,
    @Inject(ENV) private readonly env: Env,
  ) {}

  @Described(
    'the newest signed head of the chain',
    'Keep it where the database is not: `ledger verify --head` shows later whether the chain was rewritten or cut short since.',
  )
  @Get('proof/head')
  async head(): Promise<HeadView> {
    const head = await readNewestHead(this.databases.of('ledger'));
    const keys = await loadKeyRing(this.env);
    return {
      object: 'ledger_head',
      head: head === undefined ? null : publishHead(head),
      public_keys: Object.fromEntries([...keys].map(([id, key]) => [id, writePublicKey(key)])),
    };
  }

  @Described(
    'accounts that were not what they add up to',
    'Found by the self-audit, newest first. They are frozen until an operator opens them again.',
  )
  @Get('drifts')
  async drifts(@ValidQuery(DriftsQuery) query: DriftsQuery): Promise<Page<DriftView>> {
    const window = windowOf(query, (id) => decodeId('drift', id));
    const isOpen = query.status === undefined ? undefined : query.status === 'open';
    const rows = await listDrifts(this.databases.of('ledger'), window, isOpen);
    return listed(query, rows, viewDrift);
  }
}

function viewDrift(row: DriftRow): DriftView {
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
