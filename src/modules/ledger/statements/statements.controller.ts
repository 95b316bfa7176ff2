import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { IsOptional, Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { balanceOf } from '../accounts/account.js';
import { AccountsStore } from '../accounts/accounts.store.js';
import { sendStatement, StatementQuery } from './send-statement.js';
import { StatementsStore } from './statements.store.js';

export class BalanceQuery {
  /** By when it was booked. */
  @IsOptional()
  @IsMoment()
  as_of?: string;

  /** A day in UTC; by when it was effective, whenever it was booked. */
  @IsOptional()
  @Matches(/^\d{4}-\d\d-\d\d$/)
  @IsMoment()
  effective_on?: string;
}

export interface AccountBalanceView {
  readonly object: 'ledger_account_balance';
  readonly account_id: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly as_of: string | null;
  readonly effective_on: string | null;
  /** Positive on the normal side. */
  readonly balance: number;
}

/** What stood on an account when, and what moved it. */
@MerchantApi('ledger')
@Controller('v1/ledger/accounts')
export class StatementsController {
  constructor(
    private readonly accounts: AccountsStore,
    private readonly store: StatementsStore,
  ) {}

  @Described(
    'the statement of an account',
    'Opening balance, entries with the balance that each left, the oldest first, and closing balance. Each page has an opening and a closing balance of its own, between which its entries lie; `to` of the answer makes the next page one of the same statement. As CSV with `format=csv` or `Accept: text/csv`.',
  )
  @Get(':id/statement')
  async statement(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(StatementQuery) query: StatementQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendStatement(this.store, merchant, await this.accounts.get(merchant, id), query, request, reply);
  }

  @Described(
    'what stood on an account',
    '`as_of` counts what was booked before that moment; `effective_on` what was effective on that day or before, whenever it was booked. With neither, what stands there now.',
  )
  @Get(':id/balance')
  async balance(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(BalanceQuery) query: BalanceQuery,
  ): Promise<AccountBalanceView> {
    const { as_of: asOf, effective_on: day } = query;
    if (asOf !== undefined && day !== undefined) throw invalid('effective_on', 'conflicts_with_as_of');
    const account = await this.accounts.get(merchant, id);
    const view = {
      object: 'ledger_account_balance',
      account_id: encodeId('account', account.id),
      livemode: account.livemode,
      currency: account.currency,
    } as const;
    if (day !== undefined) {
      const { debits, credits } = await this.store.totalsByDay(merchant, account.id, day);
      const balance = toJsonAmount(balanceOf(account.normalSide, debits, credits));
      return { ...view, as_of: null, effective_on: day, balance };
    }
    const { to, balance } = await this.store.balanceBefore(merchant, account.id, asOf);
    return { ...view, as_of: to.toISOString(), effective_on: null, balance: toJsonAmount(balance) };
  }
}

function invalid(pointer: string, code: string): DomainError {
  return new DomainError('request.invalid_parameter', { errors: [{ pointer, code }] });
}
