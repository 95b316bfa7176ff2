import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { z } from 'zod';
import { AdminApi, CurrentAdmin } from '../../kernel/access/access.js';
import type { AdminPrincipal } from '../../kernel/access/principal.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../kernel/http/csv-pages.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../kernel/ids/ids.js';
import { Logger } from '../../kernel/observability/logger.js';
import { findAttempts } from './attempts.store.js';
import { attemptCheckAnswer } from './cases/cases.answers.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import { gatewayWebhookAnswer, gatewayWebhooksAnswer, type gatewayWebhookListed } from './inbound.answers.js';
import { DOUBTS, findWebhook, listWebhooks, type Doubt, type WebhookRow } from './inbound-admin.store.js';
import { Routing } from './routing.js';
import { shownBody, shownHandles } from './withheld.js';
import { shownSubject } from './shown-subject.js';

type ShownWebhook = z.infer<typeof gatewayWebhookListed>;

const WEBHOOK_CSV: CsvColumns<ShownWebhook> = {
  id: (webhook) => webhook.id,
  received_at_utc: (webhook) => webhook.received_at,
  gateway: (webhook) => webhook.gateway,
  gateway_account: (webhook) => webhook.gateway_account,
  event_type: (webhook) => webhook.event_type,
  reference: (webhook) => webhook.reference,
  grade: (webhook) => webhook.grade,
  outcome: (webhook) => webhook.outcome,
  attempt: (webhook) => webhook.attempt_id,
  about: (webhook) => webhook.payment_id ?? webhook.refund_id ?? webhook.payout_id,
  deliveries: (webhook) => webhook.deliveries,
  processed_at_utc: (webhook) => webhook.processed_at,
};

class WebhooksQuery extends CsvPageQuery {
  /** `contradicted`: it claimed a success that the gateway did not confirm. Without it: all three doubts. `all`: whatever came of them. */
  @IsOptional()
  @IsIn([...DOUBTS, 'all'])
  outcome?: Doubt | 'all';

  @IsOptional()
  @IsString()
  @MaxLength(32)
  gateway?: string;
}

/** What gateways told us and what became of it, and asking them again, for operators. */
@Controller('admin/v1/routing')
@AdminApi('routing')
export class InboundAdminController {
  private readonly database: Database;

  constructor(
    private readonly routing: Routing,
    private readonly logger: Logger,
    databases: Databases,
  ) {
    this.database = databases.of('routing');
  }

  /** Webhooks that contradict their gateway, belong to nothing of ours, or led to a quarantine, or all of them; the newest first, without bodies. */
  @Get('webhooks')
  @AlsoCsv('gateway_webhooks', WEBHOOK_CSV)
  @Answers({ 200: { description: 'Webhooks, without bodies', schema: gatewayWebhooksAnswer } })
  async webhooks(@ValidQuery(WebhooksQuery) query: WebhooksQuery): Promise<Page<ShownWebhook>> {
    const before = cursor('starting_after', query.starting_after);
    const after = before === undefined ? cursor('ending_before', query.ending_before) : undefined;
    const { outcome: doubt, gateway, limit } = query;
    const rows = await listWebhooks(this.database, { doubt, gateway, before, after, limit: limit + 1 });
    const found = page(rows, limit, shownWebhook);
    return after === undefined ? found : { ...found, data: [...found.data].reverse() };
  }

  /** One webhook with its body, in which persons and secrets are withheld. */
  @Get('webhooks/:id')
  @Answers({ 200: { description: 'The webhook', schema: gatewayWebhookAnswer } })
  async webhook(@Param('id') id: string): Promise<Record<string, unknown>> {
    const uuid = decodeId('gatewayWebhook', id);
    const row = uuid === undefined ? undefined : await findWebhook(this.database, uuid);
    if (row === undefined) throw new DomainError('gateway_webhook.not_found');
    return {
      ...shownWebhook(row),
      handles: shownHandles(row.handles),
      headers: row.headers,
      body: shownBody(row.body),
      body_bytes: row.body.length,
    };
  }

  /** Asks the gateway about an attempt now. What it says counts as at any other time; the schedule goes on as it was. */
  @Post('attempts/:id/check')
  @HttpCode(200)
  @Answers({ 200: { description: 'What it said, and what came of it', schema: attemptCheckAnswer } })
  async check(@CurrentAdmin() admin: AdminPrincipal, @Param('id') id: string): Promise<Record<string, unknown>> {
    const uuid = decodeId('attempt', id);
    const [target] = uuid === undefined ? [] : await findAttempts(this.database, [uuid]);
    if (target === undefined) throw new DomainError('attempt.not_found');
    if (target.attempt.sentAt === null) throw new DomainError('attempt.not_sent');
    const queried = await this.routing.queriesOf(target).query(target, { source: 'question' });
    this.logger.info(
      { adminId: admin.id, attemptId: target.attempt.id, outcome: queried?.outcome.kind ?? 'not_asked' },
      'an operator asked about an attempt',
    );
    if (queried === undefined)
      throw new DomainError('service.unavailable', { detail: 'The gateway could not be asked now.' });
    const { outcome, recorded } = queried;
    return {
      object: 'attempt_check',
      attempt_id: id,
      ...shownSubject(target.attempt.kind, target.attempt.paymentId),
      gateway: target.attempt.gateway,
      reference: target.attempt.reference,
      answer: shownAnswer(outcome),
      status_before: target.attempt.status,
      status: recorded.status ?? target.attempt.status,
      checked_at: new Date().toISOString(),
    };
  }
}

function cursor(parameter: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const uuid = decodeId('gatewayWebhook', value);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_id' }] });
  return uuid;
}

/** Amounts as text: one that a gateway reports may be beyond any number that JSON carries exactly. */
function shownAnswer(outcome: MoneyOutOutcome): Record<string, unknown> {
  if (outcome.kind !== 'succeeded') return { outcome: outcome.kind, code: outcome.code };
  const { kind, code, amountMinor, currency, reference } = outcome;
  return { outcome: kind, code, amount_minor: amountMinor.toString(), currency, reference };
}

function shownWebhook(row: WebhookRow): ShownWebhook {
  return {
    object: 'gateway_webhook',
    id: encodeId('gatewayWebhook', row.id),
    gateway: row.gateway,
    gateway_account: row.accountName,
    event_type: row.eventType,
    reference: row.reference,
    grade: row.grade,
    outcome: row.outcome,
    attempt_id: row.attemptId === null ? null : encodeId('attempt', row.attemptId),
    ...(row.kind === null || row.paymentId === null ? {} : shownSubject(row.kind, row.paymentId)),
    deliveries: row.deliveries,
    received_at: row.receivedAt.toISOString(),
    processed_at: row.processedAt?.toISOString() ?? null,
  };
}
