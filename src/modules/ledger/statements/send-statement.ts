import { IsOptional } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { announceCsv, CsvListQuery, listFormatOf } from '../../../kernel/http/csv-lists.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { pathOf } from '../../../kernel/http/problem-document.js';
import type { AccountRow, Owner } from '../accounts/accounts.store.js';
import { decodeEntryId } from '../accounts/entry-id.js';
import { csvOf, viewStatement } from './statement.views.js';
import type { StatementsStore } from './statements.store.js';

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

/**
 * One page, as JSON or CSV, of an account that whoever asks may see; a `Link` leads to the next page of the same statement.
 * @param owner null for an operator
 */
export async function sendStatement(
  store: StatementsStore,
  owner: Owner | null,
  account: AccountRow,
  query: StatementQuery,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { isCsv, limit } = listFormatOf(query, request.headers.accept);
  const after = query.starting_after === undefined ? undefined : decodeEntryId(account.id, query.starting_after);
  if (query.starting_after !== undefined && after === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: 'starting_after', code: 'invalid_id' }] });
  const statement = await store.read(owner, account.id, { from: query.from, to: query.to }, after, limit + 1);
  const view = viewStatement(account, query.from, statement, limit);
  const last = view.data.at(-1);
  if (view.has_more && last !== undefined) {
    const next = new URLSearchParams({ to: view.to, limit: String(limit), starting_after: last.id });
    if (query.from !== undefined) next.set('from', query.from);
    if (isCsv) next.set('format', 'csv');
    void reply.header('link', `<${pathOf(request.url)}?${next.toString()}>; rel="next"`);
  }
  if (!isCsv) return void (await reply.send(view));
  announceCsv(reply, view.account_id);
  await reply.send(csvOf(view));
}
