import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { AdminApi } from '../../kernel/access/access.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { page, PageQuery, type Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId, type IdKind } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import { listCases, type CaseRow } from './routing-admin.store.js';
import { Routing } from './routing.js';
import { shownHandles } from './withheld.js';
import { shownSubject } from './shown-subject.js';

/** `pending`, `declined` and `not_sent` are cases once people were told of them. */
const CASE_STATUSES = ['unknown', 'quarantined', 'pending', 'declined', 'not_sent'];

class CasesQuery extends PageQuery {
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

/** Gateways and open questions, for operators. */
@Controller('admin/v1/routing')
@AdminApi()
export class RoutingAdminController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
  ) {}

  /** Accounts at gateways, without credentials, with the breakers' state and the floats that this process knows. */
  @Get('gateways')
  async gateways(): Promise<Page<unknown>> {
    const accounts = await this.routing.accounts.all();
    return page(accounts, accounts.length, (account) => this.shownAccount(account));
  }

  /** Attempts whose end is not certain: unknown ones and quarantined ones, the oldest first. */
  @Get('cases')
  async cases(@ValidQuery(CasesQuery) query: CasesQuery): Promise<Page<unknown>> {
    const startingAfter = idOf('attempt', 'starting_after', query.starting_after);
    const endingBefore = idOf('attempt', 'ending_before', query.ending_before);
    const rows = await listCases(this.databases.of('routing'), {
      limit: query.limit + 1,
      startingAfter,
      endingBefore,
      openedOnly: query.opened === 'true',
      gateway: query.gateway,
      status: query.status,
      merchantId: idOf('merchant', 'merchant_id', query.merchant_id),
      paymentId: idOf('payment', 'payment_id', query.payment_id),
    });
    const found = page(rows, query.limit, shownCase);
    return startingAfter === undefined && endingBefore !== undefined
      ? { ...found, data: [...found.data].reverse() }
      : found;
  }

  private shownAccount(account: RoutingAccount): Record<string, unknown> {
    return {
      object: 'gateway_account',
      id: encodeId('gatewayAccount', account.id),
      livemode: account.livemode,
      merchant_id: account.merchantId === null ? null : encodeId('merchant', account.merchantId),
      gateway: account.gateway,
      name: account.name,
      base_url: account.baseUrl,
      priority: account.priority,
      enabled: account.enabled,
      breaker: this.routing.breakers.accountState(account.id),
      disbursement_breaker: this.routing.disbursementBreakers.accountState(account.id),
      floats: this.routing.floats
        .known()
        .filter(({ accountId }) => accountId === account.id)
        .map(({ currency, availableMinor, askedAt }) => ({
          currency,
          available: toJsonAmount(availableMinor),
          asked_at: askedAt.toISOString(),
        })),
      created_at: account.createdAt.toISOString(),
    };
  }
}

function idOf(kind: IdKind, parameter: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const uuid = decodeId(kind, value);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_id' }] });
  return uuid;
}

function shownCase(row: CaseRow): Record<string, unknown> {
  return {
    object: 'routing_case',
    id: encodeId('attempt', row.id),
    livemode: row.livemode,
    kind: row.kind,
    ...shownSubject(row.kind, row.paymentId),
    merchant_id: encodeId('merchant', row.merchantId),
    gateway: row.gateway,
    gateway_account: row.gatewayAccount.name,
    reference: row.reference,
    status: row.status,
    outcome_code: row.outcomeCode,
    blame: row.blame,
    /** What was asked. */
    amount: toJsonAmount(row.payment.amount),
    currency: row.payment.currency,
    method: shownMethod(row.payment.method ?? row.payment.destination),
    payment_state: row.payment.state,
    /** What the gateway says it took, and what it calls it: for looking it up there. */
    captured_amount: row.capturedAmount === null ? null : toJsonAmount(row.capturedAmount),
    captured_currency: row.capturedCurrency,
    handles: shownHandles(row.handles),
    acknowledged: row.acknowledged,
    late: row.late,
    times_sent_again: row.resendCount,
    not_found_count: row.notFoundCount,
    checks: row.checks,
    sent_at: row.sentAt?.toISOString() ?? null,
    next_check_at: row.nextCheckAt?.toISOString() ?? null,
    opened_at: row.caseOpenedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

/** How, without whom: phone numbers and tokens of cards have no place in a list. */
/** How a customer pays, or what is paid: never to whom. Null for a refund, which goes where its payment came from. */
function shownMethod(method: unknown): Record<string, unknown> | null {
  if (method === null) return null;
  const { type, network, bank } = method as { type: string; network?: string; bank?: string };
  return { type, ...(network === undefined ? {} : { network }), ...(bank === undefined ? {} : { bank }) };
}
