import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import type { RoutedKind } from '../routed-payment.js';
import { Routing } from '../routing.js';
import { namesOf } from '../routing.views.js';
import { performanceAnswer } from './performance.answers.js';
import { readPerformance } from './performance.store.js';
import { WINDOWS, windowOf, type WindowName } from './performance-window.js';
import { shownAccounts } from './show-performance.js';

const KINDS = ['payment', 'refund', 'payout'] as const satisfies readonly RoutedKind[];

class PerformanceQuery {
  @IsIn(WINDOWS)
  window!: WindowName;

  @IsIn(['true', 'false'])
  livemode!: string;

  /** Not given: payments. */
  @IsOptional()
  @IsIn(KINDS)
  kind?: RoutedKind;

  /** `gwa_...`: this one alone, with its series. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  gateway_account?: string;
}

/** How gateways have done of late, for operators. */
@Controller('admin/v1/routing/performance')
@AdminApi('routing')
export class PerformanceController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
  ) {}

  @Get()
  @Answers({ 200: { description: 'Figures by account', schema: performanceAnswer } })
  @Described(
    'How attempts ended at each gateway account in the last hour, day or week, by when they began; of one account also step by step. Where there are too many to read, figures are of a sample of each step.',
  )
  async performance(@ValidQuery(PerformanceQuery) query: PerformanceQuery): Promise<Record<string, unknown>> {
    const { window: name, kind = 'payment' } = query;
    const livemode = query.livemode === 'true';
    const accounts = (await this.routing.accounts.all()).filter((each) => each.livemode === livemode);
    const accountId = accountOf(query.gateway_account);
    const asked = accountId === undefined ? accounts : accounts.filter(({ id }) => id === accountId);
    if (accountId !== undefined && asked.length === 0) throw new DomainError('gateway_account.not_found');
    const window = windowOf(name, Date.now());
    const filter = { kind, livemode, accountId };
    const read = await readPerformance(this.databases.of('routing'), window, filter);
    return {
      object: 'routing_performance',
      window: name,
      kind,
      livemode,
      from: new Date(window.startsMs[0] ?? window.endMs).toISOString(),
      to: new Date(window.endMs).toISOString(),
      bucket_seconds: window.bucketMs / 1_000,
      is_sample: read.isSample,
      accounts: shownAccounts(
        read,
        asked.map(({ id }) => id),
        window,
        namesOf(accounts),
        accountId !== undefined,
      ),
    };
  }
}

/** @throws {DomainError} */
function accountOf(id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const uuid = decodeId('gatewayAccount', id);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', {
      errors: [{ pointer: 'gateway_account', code: 'malformed_id' }],
    });
  return uuid;
}
