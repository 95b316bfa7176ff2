import { Controller, Get, Inject } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { Env } from '../../../config/env.js';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { listed, windowOf } from '../list-window.js';
import { listDrifts } from './audit/audit.store.js';
import { driftAnswer, headAnswer } from './proof.answers.js';
import { readNewestHead } from './chain/chain.store.js';
import { publishHead, writePublicKey } from './chain/head.js';
import { loadKeyRing } from './chain/signing-key.js';
import { DRIFT_CSV, viewDrift, type DriftView, type HeadView } from './proof.views.js';

export class DriftsQuery extends CsvPageQuery {
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
  @Answers({ 200: { description: 'The head, and the keys', schema: headAnswer } })
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
  @Answers({ 200: { description: 'Findings; or CSV', schema: listOf(driftAnswer) } })
  @AlsoCsv('ledger_drifts', DRIFT_CSV)
  @Get('drifts')
  async drifts(@ValidQuery(DriftsQuery) query: DriftsQuery): Promise<Page<DriftView>> {
    const window = windowOf(query, (id) => decodeId('drift', id));
    const isOpen = query.status === undefined ? undefined : query.status === 'open';
    const rows = await listDrifts(this.databases.of('ledger'), window, isOpen);
    return listed(query, rows, viewDrift);
  }
}
