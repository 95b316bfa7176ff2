/** Lists for operators. */
import type { Database } from '../../kernel/database/database.js';
import type { RoutableKind } from './routable-kind.js';

export interface CaseFilter {
  readonly limit: number;
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
  readonly openedOnly: boolean;
  readonly gateway: string | undefined;
  readonly status: string | undefined;
  readonly merchantId: string | undefined;
  readonly paymentId: string | undefined;
}

/** Attempts whose end is not certain, the oldest first. */
export async function listCases(database: Database, filter: CaseFilter) {
  const { limit, startingAfter, endingBefore, openedOnly, gateway, status, merchantId, paymentId } = filter;
  const rows = await database.prisma.routingAttempt.findMany({
    where: {
      ...(openedOnly ? { caseOpenedAt: { not: null } } : {}),
      ...(gateway === undefined ? {} : { gateway }),
      ...(merchantId === undefined ? {} : { merchantId }),
      ...(paymentId === undefined ? {} : { paymentId }),
      ...(status === undefined ? {} : { AND: { status } }),
      OR: [
        { status: { in: ['unknown', 'quarantined'] } },
        { caseOpenedAt: { not: null }, status: { in: ['pending', 'declined', 'not_sent'] } },
      ],
      ...(startingAfter === undefined ? {} : { id: { gt: startingAfter } }),
      ...(startingAfter === undefined && endingBefore !== undefined ? { id: { lt: endingBefore } } : {}),
    },
    include: {
      payment: { select: { amount: true, currency: true, method: true, destination: true, state: true } },
      gatewayAccount: { select: { name: true } },
    },
    // Ids are time-ordered. A page before a cursor is read backwards and turned round.
    orderBy: { id: startingAfter === undefined && endingBefore !== undefined ? 'desc' : 'asc' },
    take: limit,
  });
  return rows;
}

export type CaseRow = Awaited<ReturnType<typeof listCases>>[number];

/** A payment or payout as routing knows it, with its attempts in their order. */
export async function findRouted(database: Database, kind: RoutableKind, paymentId: string) {
  const row = await database.prisma.routingPayment.findUnique({
    where: { paymentId, kind },
    include: { attempts: { orderBy: { sequence: 'asc' }, include: { decision: true } } },
  });
  return row ?? undefined;
}

export type RoutedRow = NonNullable<Awaited<ReturnType<typeof findRouted>>>;
