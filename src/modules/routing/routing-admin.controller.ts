import { Readable } from 'node:stream';
import { Controller, Get, Param, Put, Req, Res } from '@nestjs/common';
import { IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../kernel/access/access.js';
import { writeCsv } from '../../kernel/csv/write-csv.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { announceCsv, CsvListQuery, listFormatOf } from '../../kernel/http/csv-lists.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import { pathOf } from '../../kernel/http/problem-document.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId, type IdKind } from '../../kernel/ids/ids.js';
import { casesAnswer } from './cases/cases.answers.js';
import { CASE_COLUMNS, caseCsv } from './cases/cases-csv.js';
import { feeSchedules } from './fees/fee-model.js';
import { updateFees } from './gateway-accounts.store.js';
import { gatewayAccountAnswer, gatewayAccountsAnswer } from './gateways.answers.js';
import { listCases, type CaseRow } from './routing-admin.store.js';
import { namesOf, shownAccount, shownCase } from './routing.views.js';
import { readData } from '../../kernel/http/read-data.js';
import { Routing } from './routing.js';

/** `pending`, `declined` and `not_sent` are cases once people were told of them. */
const CASE_STATUSES = ['unknown', 'quarantined', 'pending', 'declined', 'not_sent'];

class CasesQuery extends CsvListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  ending_before?: string;

  /** `true`: only those that people are asked to look at. */
  @IsOptional()
  @IsIn(['true', 'false'])
  opened?: string;

  @IsOptional()
  @IsString()
  @MaxLength(32)
  gateway?: string;

  @IsOptional()
  @IsIn(CASE_STATUSES)
  status?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant_id?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  payment_id?: string;
}

export class FeesBody {
  /** `[{currency, method?, network?, fee: {tiers: [{up_to?, percent_bps?, flat?}], least?, most?, levies?}}]`; empty: not known. */
  @IsArray()
  fees!: unknown[];
}

/** Gateways and open questions, for operators. */
@Controller('admin/v1/routing')
@AdminApi('routing')
export class RoutingAdminController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
  ) {}

  /** Accounts at gateways, without credentials, with the breakers' state, the floats and whatever else this process knows of them. */
  @Get('gateways')
  @Answers({ 200: { description: 'Accounts', schema: gatewayAccountsAnswer } })
  async gateways(): Promise<Page<unknown>> {
    const [accounts] = await Promise.all([this.routing.accounts.all(), this.routing.evidence.catchUp()]);
    return page(accounts, accounts.length, (account) => shownAccount(account, this.routing));
  }

  @Get('cases')
  @Answers({ 200: { description: 'Cases; or CSV', schema: casesAnswer } })
  @Described(
    'attempts whose end is not certain, unknown ones and quarantined ones, the oldest first',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page. Times are UTC.',
  )
  async cases(
    @ValidQuery(CasesQuery) query: CasesQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { isCsv, limit } = listFormatOf(query, request.headers.accept);
    const startingAfter = idOf('attempt', 'starting_after', query.starting_after);
    const endingBefore = idOf('attempt', 'ending_before', query.ending_before);
    const rows = await listCases(this.databases.of('routing'), {
      limit: limit + 1,
      startingAfter,
      endingBefore,
      openedOnly: query.opened === 'true',
      gateway: query.gateway,
      status: query.status,
      merchantId: idOf('merchant', 'merchant_id', query.merchant_id),
      paymentId: idOf('payment', 'payment_id', query.payment_id),
    });
    if (isCsv) return sendCsv(rows.slice(0, limit), rows.length > limit, request, reply);
    const name = namesOf(await this.routing.accounts.all());
    const found = page(rows, limit, (row) => shownCase(row, name));
    const isBackwards = startingAfter === undefined && endingBefore !== undefined;
    await reply.send(isBackwards ? { ...found, data: found.data.toReversed() } : found);
  }

  /** What the gateway keeps: replaces what was written down before. */
  @Put('gateways/:id/fees')
  @Answers({ 200: { description: 'The account, as it is now', schema: gatewayAccountAnswer } })
  @Described(
    'Writes down what a gateway keeps at this account, in place of what was written down: schedules by currency, method and network, the first that fits counts.',
  )
  async fees(@Param('id') id: string, @ValidBody(FeesBody) body: FeesBody): Promise<Record<string, unknown>> {
    const uuid = decodeId('gatewayAccount', id);
    if (uuid === undefined) throw new DomainError('gateway_account.not_found');
    const fees = readData(feeSchedules, body.fees, '/fees');
    if (!(await updateFees(this.databases.of('routing'), uuid, fees)))
      throw new DomainError('gateway_account.not_found');
    const account = (await this.routing.accounts.all()).find((each) => each.id === uuid);
    if (account === undefined) throw new DomainError('gateway_account.not_found');
    return shownAccount(account, this.routing);
  }
}

async function sendCsv(
  rows: readonly CaseRow[],
  hasMore: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const last = rows.at(-1);
  if (hasMore && last !== undefined) {
    const path = pathOf(request.url);
    const next = new URLSearchParams(request.url.slice(path.length + 1));
    next.set('format', 'csv');
    next.set('starting_after', encodeId('attempt', last.id));
    void reply.header('link', `<${path}?${next.toString()}>; rel="next"`);
  }
  announceCsv(reply, 'cases');
  await reply.send(Readable.from(writeCsv(CASE_COLUMNS, rows.map(caseCsv))));
}

function idOf(kind: IdKind, parameter: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const uuid = decodeId(kind, value);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_id' }] });
  return uuid;
}
