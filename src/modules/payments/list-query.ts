/** The query parameters that the lists of payments, refunds and payouts share. */
import { IsIn, IsOptional } from 'class-validator';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { idParameter } from '../../kernel/http/id-parameter.js';
import { PageQuery } from '../../kernel/http/pagination.js';
import type { IdKind } from '../../kernel/ids/ids.js';
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
