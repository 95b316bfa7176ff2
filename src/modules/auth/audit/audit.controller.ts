import { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { IsISO8601, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi, Needs } from '../../../kernel/access/access.js';
import { writeCsv, type CsvValue } from '../../../kernel/csv/write-csv.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { announceCsv, CsvListQuery, listFormatOf } from '../../../kernel/http/csv-lists.js';
import { linkTo } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId, type IdKind } from '../../../kernel/ids/ids.js';
import type { AuditContent } from './audit-entry.js';
import { AuditStore, type AuditRow } from './audit.store.js';
import { readHead, verifyAudit, type AuditVerdict } from './verify-audit.js';
import { Answers } from '../../../kernel/http/answers.js';
import { auditEntriesAnswer, auditVerdictAnswer } from './audit.answers.js';

const MAX_TEXT = 200;
const HEAD = /^\d{1,19}:[0-9a-f]{64}$/;

export class AuditQuery extends CsvListQuery {
  /** A person or key. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  actor?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  request_id?: string;

  /** As in docs/events, for example `access.admin_answered.v1`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  type?: string;

  /** As a template, for example `/admin/v1/api_keys/:id`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  route?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  /** Not included. */
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;
}

export class VerifyAuditBody {
  /** A head of an earlier time, as it was kept elsewhere: whether it is still there. */
  @IsOptional()
  @Matches(HEAD)
  head?: string;
}

/** What admins did. */
@AdminApi('audit')
@Controller('admin/v1/audit_entries')
export class AuditController {
  constructor(private readonly store: AuditStore) {}

  @Get()
  @Described(
    'what admins did, and what changed about who may do what, the newest first',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page. Times are UTC.',
  )
  @Answers({ 200: { description: 'Entries; or CSV', schema: auditEntriesAnswer } })
  async list(
    @ValidQuery(AuditQuery) query: AuditQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { isCsv, limit } = listFormatOf(query, request.headers.accept);
    const rows = await this.store.list({
      actorId: uuidOf('admin', 'actor', query.actor),
      requestId: query.request_id,
      type: query.type,
      route: query.route,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
      before: await this.seqOf(query.starting_after),
      take: limit + 1,
    });
    const [data, hasMore] = [rows.slice(0, limit), rows.length > limit];
    if (!isCsv) return void (await reply.send({ object: 'list', data: data.map(viewEntry), has_more: hasMore }));
    const last = data.at(-1);
    if (hasMore && last !== undefined) linkTo(reply, request.url, encodeId('auditEntry', last.id));
    announceCsv(reply, 'audit_entries');
    await reply.send(Readable.from(writeCsv(COLUMNS, data.map(csvRow))));
  }

  @Post('verify')
  @HttpCode(200)
  @Needs('read')
  @Described(
    'compute every hash of the log again',
    'Tells of entries that were changed or taken out. Keep `head` elsewhere: given here later, it shows whether the end was cut off.',
  )
  @Answers({ 200: { description: 'What was found', schema: auditVerdictAnswer } })
  async verify(@ValidBody(VerifyAuditBody) { head }: VerifyAuditBody): Promise<AuditVerdictView> {
    return viewVerdict(await verifyAudit(this.store, head === undefined ? undefined : readHead(head)));
  }

  private async seqOf(id: string | undefined): Promise<bigint | undefined> {
    const uuid = uuidOf('auditEntry', 'starting_after', id);
    if (uuid === undefined) return undefined;
    const known = await this.store.findById(uuid);
    if (known === undefined) throw invalid('starting_after', 'invalid_id');
    return known.seq;
  }
}

export type AuditVerdictView = AuditVerdict & { readonly object: 'audit_verdict'; readonly holds: boolean };

export function viewVerdict(verdict: AuditVerdict): AuditVerdictView {
  return { object: 'audit_verdict', holds: verdict.problems.length === 0, ...verdict };
}

interface AuditEntryView {
  readonly object: 'audit_entry';
  readonly id: string;
  /** Counts without gaps. */
  readonly seq: string;
  readonly at: string;
  readonly type: string;
  /** The person or key; null: the command line, or the program itself. */
  readonly actor: string | null;
  readonly request_id: string;
  readonly subject_id: string;
  readonly route: string | null;
  readonly status: number | null;
  readonly details: AuditContent['details'];
  readonly hash: string;
}

function viewEntry(row: AuditRow): AuditEntryView {
  const content = JSON.parse(row.content) as AuditContent;
  return {
    object: 'audit_entry',
    id: encodeId('auditEntry', row.id),
    seq: row.seq.toString(),
    at: content.at,
    type: content.type,
    actor: content.actor_id === null ? null : encodeId('admin', content.actor_id),
    request_id: content.request_id,
    subject_id: content.subject_id,
    route: content.route,
    status: content.status,
    details: content.details,
    hash: row.hash.toString('hex'),
  };
}

const COLUMNS = [
  'id',
  'seq',
  'at_utc',
  'type',
  'actor',
  'request_id',
  'subject_id',
  'route',
  'status',
  'details',
  'hash',
];

function csvRow(row: AuditRow): readonly CsvValue[] {
  const { id, seq, at, type, actor, request_id, subject_id, route, status, details, hash } = viewEntry(row);
  return [id, seq, at, type, actor, request_id, subject_id, route, status, JSON.stringify(details), hash];
}

function uuidOf(kind: IdKind, pointer: string, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const uuid = decodeId(kind, id);
  if (uuid === undefined) throw invalid(pointer, 'invalid_id');
  return uuid;
}

function invalid(pointer: string, code: string): DomainError {
  return new DomainError('request.invalid_parameter', { errors: [{ pointer, code }] });
}
