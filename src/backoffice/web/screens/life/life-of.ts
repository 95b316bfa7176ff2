/** What other modules know of a payment, refund or payout, asked for once by whatever shows it. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { answerOf } from '../../api/client.js';
import { useMay } from '../../api/session.js';
import {
  adminEventsList,
  bookedRead,
  recordsList,
  type AdminEventsListResponses,
  type BookedReadResponses,
  type RecordsListResponses,
} from '../../generated/index.js';

export type Bookings = BookedReadResponses[200];
export type Booking = Bookings['data'][number];
export type BookedSettlement = Bookings['settlements'][number];
export type Told = AdminEventsListResponses[200]['data'][number];
export type Reconciled = RecordsListResponses[200]['data'][number];

/** As many as are asked for at once. */
const MAX_IDS = 100;

/** Whose life it is. */
export interface LifeOf {
  /** `pay_...`, `re_...`, `po_...`: itself, and what belongs to it. */
  readonly subjects: readonly string[];
  /** `att_...` */
  readonly attempts: readonly string[];
}

/** The ids as a query; undefined: there is nothing to ask about. */
const ofIds = (ids: readonly string[]): string | undefined =>
  ids.length === 0 ? undefined : ids.slice(0, MAX_IDS).join(',');

export function useBookings({ subjects, attempts }: LifeOf): UseQueryResult<Bookings> {
  const of = ofIds([...attempts, ...subjects.filter((id) => !id.startsWith('pay_'))]);
  return useQuery({
    queryKey: ['booked', of],
    queryFn: ({ signal }) => answerOf(bookedRead({ query: { of: of ?? '' }, signal })),
    enabled: useMay('ledger', 'read') && of !== undefined,
  });
}

export function useTold({ subjects }: LifeOf): UseQueryResult<readonly Told[]> {
  const of = ofIds(subjects);
  return useQuery({
    queryKey: ['told', of],
    queryFn: async ({ signal }) => (await answerOf(adminEventsList({ query: { of: of ?? '' }, signal }))).data,
    enabled: useMay('webhooks', 'read') && of !== undefined,
  });
}

export function useReconciled({ attempts }: LifeOf): UseQueryResult<readonly Reconciled[]> {
  const of = ofIds(attempts);
  return useQuery({
    queryKey: ['reconciled', of],
    queryFn: async ({ signal }) => (await answerOf(recordsList({ query: { of: of ?? '' }, signal }))).data,
    enabled: useMay('reconciliation', 'read') && of !== undefined,
  });
}
