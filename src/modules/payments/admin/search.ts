/** What operators look for, as they type it: an id, a reference of ours or of a gateway, a phone or account number, an e-mail address. */
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import type { Database } from '../../../kernel/database/database.js';
import { CsvListQuery } from '../../../kernel/http/csv-lists.js';
import { IsMoment, MAX_AMOUNT } from '../../../kernel/http/fields.js';
import { idParameter } from '../../../kernel/http/id-parameter.js';
import { decodeId, type IdKind } from '../../../kernel/ids/ids.js';
import { ownerOfAttempt, ownersOfReference, search, type Lead, type Searched } from './search.store.js';

const MAX_TERM = 200;

const IsAmount = (): PropertyDecorator => (target, name) => {
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,13}$/.test(value) ? Number(value) : value,
  )(target, name);
  IsInt()(target, name);
  Min(0)(target, name);
  Max(MAX_AMOUNT)(target, name);
};

/** Query parameters of all three lists. */
export class SearchQuery extends CsvListQuery {
  /** Test and live are never in one list. */
  @IsIn(['true', 'false'])
  livemode!: 'true' | 'false';

  /** An id, a reference (the merchant's, or the one a gateway was given), a phone number with or without its country, an account number, an e-mail address. */
  @IsOptional()
  @IsString()
  @Length(1, MAX_TERM)
  q?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  gateway?: string;

  @IsOptional()
  @Matches(/^[A-Z]{3}$/)
  currency?: string;

  /** Minor units. */
  @IsOptional()
  @IsAmount()
  amount_from?: number;

  /** Minor units; included. */
  @IsOptional()
  @IsAmount()
  amount_to?: number;

  /** Included. */
  @IsOptional()
  @IsMoment()
  created_from?: string;

  /** Not included. */
  @IsOptional()
  @IsMoment()
  created_to?: string;
}

export interface SearchPage<Row> {
  readonly rows: readonly Row[];
  /** The id after which the list goes on; undefined: it is at its end. */
  readonly next: string | undefined;
}

export async function searchPage<Row extends { readonly id: string }>(
  database: Database,
  table: Searched,
  query: SearchQuery & { readonly status?: string },
  limit: number,
): Promise<SearchPage<Row>> {
  const filter = {
    livemode: query.livemode === 'true',
    merchantId: idParameter('merchant', 'merchant', query.merchant),
    status: query.status,
    currency: query.currency,
    amountFrom: query.amount_from,
    amountTo: query.amount_to,
    gateway: query.gateway,
    createdFrom: query.created_from === undefined ? undefined : new Date(query.created_from),
    createdTo: query.created_to === undefined ? undefined : new Date(query.created_to),
    before: idParameter(table, 'starting_after', query.starting_after),
    limit,
  };
  const term = query.q?.trim();
  const leads = term === undefined || term === '' ? [undefined] : await leadsOf(database, table, term);
  const found = await Promise.all(leads.map((lead) => search<Row>(database, table, filter, lead)));
  // Beyond where one of the ways ended there may be rows that have not been looked at: the list ends there, and goes on there.
  const ends = found.flatMap(({ searchedUntil }) => searchedUntil ?? []);
  const end = ends.toSorted().at(-1);
  const rows = new Map(found.flatMap((each) => each.rows.map((row) => [row.id, row] as const)));
  const ordered = [...rows.values()].filter(({ id }) => end === undefined || id >= end).toSorted(newestFirst);
  if (ordered.length > limit) return { rows: ordered.slice(0, limit), next: ordered[limit - 1]?.id };
  return { rows: ordered, next: end };
}

const newestFirst = (one: { readonly id: string }, other: { readonly id: string }): number =>
  one.id < other.id ? 1 : -1;

/** A number that somebody might have written in several ways: what is left of it is searched for. */
const NUMBER = /^[+\d][\d\s().-]*$/;
const SHORTEST_NUMBER = 8;

async function leadsOf(database: Database, table: Searched, term: string): Promise<readonly Lead[]> {
  const idOf = (kind: IdKind): string | undefined => decodeId(kind, term);
  const own = idOf(table);
  if (own !== undefined) return [{ by: 'ids', value: [own] }];
  const payment = idOf('payment');
  if (payment !== undefined) return table === 'refund' ? [{ by: 'payment_id', value: payment }] : [];
  const attempt = idOf('attempt');
  if (attempt !== undefined) return [{ by: 'ids', value: await ownerOfAttempt(database, attempt) }];
  const owners: Lead = { by: 'ids', value: await ownersOfReference(database, term) };
  if (table === 'refund') return [owners];
  const leads: Lead[] = [owners, { by: 'reference', value: term }];
  const digits = term.replaceAll(/\D/g, '');
  if (NUMBER.test(term) && digits.length >= SHORTEST_NUMBER) {
    const value = digits.slice(-SHORTEST_NUMBER);
    const columns = table === 'payment' ? ['phone_key', 'other_phone_key'] : ['destination_key'];
    leads.push(...columns.map((by) => ({ by, value })));
  }
  if (table === 'payment' && term.includes('@')) leads.push({ by: 'email_key', value: term.toLowerCase() });
  return leads;
}
