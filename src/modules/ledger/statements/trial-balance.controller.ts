import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi } from '../../../kernel/access/access.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { trialBalanceAnswer } from './trial-balance.answers.js';
import { TrialBalanceStore } from './trial-balance.store.js';
import { viewTrialBalance, type TrialBalanceView } from './trial-balance.views.js';

const FLAG = ['true', 'false'] as const;

export class TrialBalanceQuery {
  /** Both modes, in groups of their own, when it is not given. */
  @IsOptional()
  @IsIn(FLAG)
  livemode?: (typeof FLAG)[number];

  /** Also adds up all entries and holds, and tells whether they agree with the accounts. */
  @IsOptional()
  @IsIn(FLAG)
  verify?: (typeof FLAG)[number];

  /** What was booked before that moment: each account's balance on its debit or its credit side. Not with `verify`. */
  @IsOptional()
  @IsMoment()
  as_of?: string;
}

/** The sum of everything: per currency, debits equal credits. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/trial_balance')
export class TrialBalanceController {
  constructor(private readonly store: TrialBalanceStore) {}

  @Get()
  @Answers({ 200: { description: 'The trial balance', schema: trialBalanceAnswer } })
  async read(@ValidQuery(TrialBalanceQuery) query: TrialBalanceQuery): Promise<TrialBalanceView> {
    const livemode = query.livemode === undefined ? undefined : query.livemode === 'true';
    if (query.as_of !== undefined) {
      if (query.verify === 'true')
        throw new DomainError('request.invalid_parameter', {
          errors: [{ pointer: 'verify', code: 'conflicts_with_as_of' }],
        });
      return viewTrialBalance(livemode, await this.store.readBefore(query.as_of, livemode));
    }
    const balance = await this.store.read({
      ...(livemode === undefined ? {} : { livemode }),
      verify: query.verify === 'true',
    });
    return viewTrialBalance(livemode, balance);
  }
}
