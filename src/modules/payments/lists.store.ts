/** What the lists of payments, refunds and payouts have in common: whose they are, and pages by id, newest first. */

export interface ListFilter {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  readonly startingAfter?: string | undefined;
  readonly endingBefore?: string | undefined;
  readonly limit: number;
}

/** What is asked of Prisma; a list adds its own conditions. */
export interface PageOfRows {
  readonly where: {
    readonly merchantId: string;
    readonly livemode: boolean;
    readonly status?: string;
    readonly createdAt: { readonly gt?: Date; readonly lt?: Date };
    readonly id: { readonly lt?: string; readonly gt?: string };
  };
  readonly orderBy: { readonly id: 'asc' | 'desc' };
  readonly take: number;
}

/** Newest first; one row more than `limit` when there are more. */
export async function listRows<T>(filter: ListFilter, read: (page: PageOfRows) => Promise<T[]>): Promise<T[]> {
  const backwards = filter.endingBefore !== undefined && filter.startingAfter === undefined;
  const rows = await read({
    where: {
      merchantId: filter.merchantId,
      livemode: filter.livemode,
      ...(filter.status === undefined ? {} : { status: filter.status }),
      createdAt: {
        ...(filter.createdAfter === undefined ? {} : { gt: filter.createdAfter }),
        ...(filter.createdBefore === undefined ? {} : { lt: filter.createdBefore }),
      },
      id: {
        ...(filter.startingAfter === undefined ? {} : { lt: filter.startingAfter }),
        ...(filter.endingBefore === undefined ? {} : { gt: filter.endingBefore }),
      },
    },
    orderBy: { id: backwards ? 'asc' : 'desc' },
    take: filter.limit + 1,
  });
  if (!backwards) return rows;
  // Read upwards from the cursor; the surplus row, if any, is the farthest. Pages are always shown newest first.
  const surplus = rows.length > filter.limit ? rows.slice(-1) : [];
  return [...rows.slice(0, filter.limit).reverse(), ...surplus];
}
