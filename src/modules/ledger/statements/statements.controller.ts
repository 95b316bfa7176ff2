import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { IsOptional, Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { announceCsv, CsvListQuery, listFormatOf } from '../../../kernel/http/csv-lists.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { balanceOf } from '../accounts/account.js';
import { AccountsStore } from '../accounts/accounts.store.js';
import { decodeEntryId } from '../accounts/entry-id.js';
import { csvOf, viewStatement } from './statement.views.js';
import { StatementsStore } from './statements.store.js';

export class StatementQuery extends CsvListQuery {
  /** The first moment that counts, by when entries were booked. Left out: from the first entry on. */
  @IsOptional()
  @IsMoment()
  from?: string;

  /** The first moment that counts no more. Left out: now. */
  @IsOptional()
  @IsMoment()
  to?: string;
}

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
    const account = await this.accounts.get(merchant, id);
    const { isCsv, limit } = listFormatOf(query, request.headers.accept);
    const after = query.starting_after === undefined ? undefined : decodeEntryId(account.id, query.starting_after);
    if (query.starting_after !== undefined && after === undefined) throw invalid('starting_after', 'invalid_id');
    const statement = await this.store.read(account.id, { from: query.from, to: query.to }, after, limit + 1);
    const view = viewStatement(account, query.from, statement, limit);
    const last = view.data.at(-1);
    if (view.has_more && last !== undefined) {
      const next = new URLSearchParams({ to: view.to, limit: String(limit), starting_after: last.id });
      if (query.from !== undefined) next.set('from', query.from);
      if (isCsv) next.set('format', 'csv');
      reply.header('link', `</v1/ledger/accounts/${view.account_id}/statement?${next.toString()}>; rel="next"`);
    }
    if (!isCsv) return void (await reply.send(view));
    announceCsv(reply, view.account_id);
    await reply.send(csvOf(view));
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
      const { debits, credits } = await this.store.totalsByDay(account.id, day);
      const balance = toJsonAmount(balanceOf(account.normalSide, debits, credits));
      return { ...view, as_of: null, effective_on: day, balance };
    }
    const { to, balance } = await this.store.balanceBefore(account.id, asOf);
    return { ...view, as_of: to.toISOString(), effective_on: null, balance: toJsonAmount(balance) };
  }
}

function invalid(pointer: string, code: string): DomainError {
  return new DomainError('request.invalid_parameter', { errors: [{ pointer, code }] });
}
