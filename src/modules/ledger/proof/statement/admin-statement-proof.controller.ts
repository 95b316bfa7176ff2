import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { z } from 'zod';
import type { Env } from '../../../../config/env.js';
import { AdminApi } from '../../../../kernel/access/access.js';
import { Answers } from '../../../../kernel/http/answers.js';
import { Described } from '../../../../kernel/http/described.js';
import { ValidQuery } from '../../../../kernel/http/validated.js';
import { ENV } from '../../../../kernel/kernel.tokens.js';
import { toJsonAmount } from '../../../../kernel/money/money.js';
import { AccountsStore } from '../../accounts/accounts.store.js';
import { verdictAnswer } from '../../accounts/admin-account.answers.js';
import { encodeEntryId } from '../../accounts/entry-id.js';
import { loadKeyRing } from '../chain/signing-key.js';
import { checkProof } from './check-proof.js';
import { StatementProofQuery, StatementProofs } from './statement-proof.controller.js';
import { statementProof, type StatementProofJson } from './statement-proof.js';

@AdminApi('ledger')
@Controller('admin/v1/ledger/accounts')
export class AdminStatementProofController {
  constructor(
    private readonly accounts: AccountsStore,
    private readonly proofs: StatementProofs,
    @Inject(ENV) private readonly env: Env,
  ) {}

  @Described('prove a statement of any account', 'As for merchants, with the transfers that its entries belong to.')
  @Get(':id/statement/proof')
  async read(
    @Param('id') id: string,
    @ValidQuery(StatementProofQuery) query: StatementProofQuery,
  ): Promise<StatementProofJson> {
    return this.proofs.of(null, await this.accounts.get(null, id), query, true);
  }

  @Get(':id/statement/verdict')
  @Answers({ 200: { description: 'What was found', schema: verdictAnswer } })
  @Described(
    'check the proof of a statement of any account',
    'The proof is made and checked against the public keys of this installation, as whoever has it may check it elsewhere. A page of entries at a time, as the proof.',
  )
  async verdict(
    @Param('id') id: string,
    @ValidQuery(StatementProofQuery) query: StatementProofQuery,
  ): Promise<z.infer<typeof verdictAnswer>> {
    const account = await this.accounts.get(null, id);
    const proof = statementProof.parse(await this.proofs.of(null, account, query, true));
    const last = proof.entries.at(-1);
    const keys = await loadKeyRing(this.env);
    const { faults, opening, closing } = checkProof(proof, keys);
    return {
      object: 'ledger_statement_verdict',
      holds: faults.length === 0,
      faults: [...faults],
      entries: proof.entries.length,
      opening_balance: toJsonAmount(opening),
      closing_balance: toJsonAmount(closing),
      from: proof.from,
      to: proof.to,
      has_more: proof.has_more,
      last_entry: last === undefined ? null : encodeEntryId(account.id, last.entry.account_version),
      key_ids: [...keys.keys()],
    };
  }
}
