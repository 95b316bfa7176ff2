/** The query parameters that the lists of payments, refunds and payouts share. */
import { IsIn, IsOptional } from 'class-validator';
import { DomainError } from '../../kernel/errors/domain-error.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { PageQuery } from '../../kernel/http/pagination.js';
import { decodeId, type IdKind } from '../../kernel/ids/ids.js';
import { IsMoment } from '../../kernel/http/fields.js';
import type { ListFilter } from './lists.store.js';

const EXPANDABLE = ['attempts'];

export class ExpandQuery {
  @IsOptional()
  @IsIn(EXPANDABLE)
  'expand[]'?: string;
}

export class TimedPageQuery extends PageQuery {
  @IsOptional()
  @IsMoment()
  created_after?: string;

  @IsOptional()
  @IsMoment()
  created_before?: string;
}

export class ExpandablePageQuery extends TimedPageQuery {
  @IsOptional()
  @IsIn(EXPANDABLE)
  'expand[]'?: string;
}

/**
 * The UUID of an id that came as a query parameter.
 * @throws {DomainError} `request.invalid_parameter`
 */
export function idParameter(kind: IdKind, name: string, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const uuid = decodeId(kind, id);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: name, code: 'is_id' }] });
  return uuid;
}

/** @param kind of what is listed: cursors are its ids */
export function filterOf(
  { merchantId, livemode }: MerchantPrincipal,
  kind: IdKind,
  query: TimedPageQuery & { readonly status?: string },
): ListFilter {
  return {
    merchantId,
    livemode,
    status: query.status,
    createdAfter: query.created_after === undefined ? undefined : new Date(query.created_after),
    createdBefore: query.created_before === undefined ? undefined : new Date(query.created_before),
    startingAfter: idParameter(kind, 'starting_after', query.starting_after),
    endingBefore: idParameter(kind, 'ending_before', query.ending_before),
    limit: query.limit,
  };
}

/** Whether a merchant may see it. A foreign id is answered like one that does not exist. */
export function isOwn(
  merchant: MerchantPrincipal,
  thing: { readonly merchantId: string; readonly livemode: boolean },
): boolean {
  return thing.merchantId === merchant.merchantId && thing.livemode === merchant.livemode;
}
