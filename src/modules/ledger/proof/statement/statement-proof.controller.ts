import { Controller, Get, Injectable, Param } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { CurrentMerchant, MerchantApi } from '../../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../../kernel/access/principal.js';
import { Databases } from '../../../../kernel/database/databases.js';
import { DomainError } from '../../../../kernel/errors/domain-error.js';
import { Described } from '../../../../kernel/http/described.js';
import { IsMoment } from '../../../../kernel/http/fields.js';
import { ValidQuery } from '../../../../kernel/http/validated.js';
import type { AccountRow, Owner } from '../../accounts/accounts.store.js';
import { AccountsStore } from '../../accounts/accounts.store.js';
import { decodeEntryId } from '../../accounts/entry-id.js';
import { readerFor } from '../../reader.js';
import { proveStatement } from './prove-statement.js';
import type { StatementProofJson } from './statement-proof.js';

const MAX_ENTRIES = 100;

export class StatementProofQuery {
  /** The first moment that counts, by when entries were booked. Left out: from the first entry on. */
  @IsOptional()
  @IsMoment()
  from?: string;

  /** The first moment that counts no more. Left out: now. */
  @IsOptional()
  @IsMoment()
  to?: string;

  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_ENTRIES)
  limit: number = MAX_ENTRIES;

  /** The last entry of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  starting_after?: string;
}

@Injectable()
export class StatementProofs {
  constructor(private readonly databases: Databases) {}

  /** @param owner null for an operator */
  of(
    owner: Owner | null,
    account: AccountRow,
    query: StatementProofQuery,
    withTransfers: boolean,
  ): Promise<StatementProofJson> {
    const after = query.starting_after === undefined ? undefined : decodeEntryId(account.id, query.starting_after);
    if (query.starting_after !== undefined && after === undefined)
      throw new DomainError('request.invalid_parameter', {
        errors: [{ pointer: 'starting_after', code: 'invalid_id' }],
      });
    const period = { from: query.from, to: query.to };
    return proveStatement(readerFor(this.databases.of('ledger'), owner), {
      account: account.id,
      period,
      after,
      limit: query.limit,
      withTransfers,
    });
  }
}

@MerchantApi('ledger')
@Controller('v1/ledger/accounts')
export class StatementProofController {
  constructor(
    private readonly accounts: AccountsStore,
    private readonly proofs: StatementProofs,
  ) {}

  @Described(
    'prove a statement',
    'Its entries as they were chained, the way of each to the root of its block, and the signed heads of those blocks: to be checked with our public key, without us. Versions without gaps and balances that follow show that nothing is left out.',
  )
  @Get(':id/statement/proof')
  async read(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(StatementProofQuery) query: StatementProofQuery,
  ): Promise<StatementProofJson> {
    return this.proofs.of(merchant, await this.accounts.get(merchant, id), query, false);
  }
}
