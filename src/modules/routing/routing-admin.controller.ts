import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi } from '../../kernel/access/access.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { page, PageQuery, type Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import { listCases, type CaseRow } from './routing-admin.store.js';
import { Routing } from './routing.js';

class CasesQuery extends PageQuery {
  /** `true`: only those that people are asked to look at. */
  @IsOptional()
  @IsIn(['true', 'false'])
  opened?: string;
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
    const startingAfter = cursor('starting_after', query.starting_after);
    const endingBefore = cursor('ending_before', query.ending_before);
    const rows = await listCases(this.databases.of('routing'), {
      limit: query.limit + 1,
      startingAfter,
      endingBefore,
      openedOnly: query.opened === 'true',
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

function cursor(parameter: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const uuid = decodeId('attempt', value);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_id' }] });
  return uuid;
}

/** What it is an attempt at, under its own name: `payment_id`, `refund_id` or `payout_id`. */
function subjectOf({ kind, paymentId }: CaseRow): Record<string, string> {
  if (kind !== 'payment' && kind !== 'refund' && kind !== 'payout') throw new Error(`${kind} is no kind of attempt`);
  return { [`${kind}_id`]: encodeId(kind, paymentId) };
}

function shownCase(row: CaseRow): Record<string, unknown> {
  return {
    object: 'routing_case',
    id: encodeId('attempt', row.id),
    livemode: row.livemode,
    kind: row.kind,
    ...subjectOf(row),
    merchant_id: encodeId('merchant', row.merchantId),
    gateway: row.gateway,
    gateway_account: row.gatewayAccount.name,
    reference: row.reference,
    status: row.status,
    outcome_code: row.outcomeCode,
    amount: toJsonAmount(row.payment.amount),
    currency: row.payment.currency,
    captured_amount: row.capturedAmount === null ? null : toJsonAmount(row.capturedAmount),
    captured_currency: row.capturedCurrency,
    checks: row.checks,
    sent_at: row.sentAt?.toISOString() ?? null,
    next_check_at: row.nextCheckAt?.toISOString() ?? null,
    opened_at: row.caseOpenedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
