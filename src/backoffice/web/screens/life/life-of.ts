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

export type Bookings = Pick<BookedReadResponses[200], 'data' | 'settlements'>;
export type Booking = Bookings['data'][number];
export type BookedSettlement = Bookings['settlements'][number];
export type Told = AdminEventsListResponses[200]['data'][number];
export type Reconciled = RecordsListResponses[200]['data'][number];

/** As many as the API takes at once. */
const MAX_IDS = 100;

/** By so many ids at a time. */
async function askOf<Answer>(ids: readonly string[], ask: (of: string) => Promise<Answer>): Promise<readonly Answer[]> {
  const parts = Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, part) =>
    ids.slice(part * MAX_IDS, (part + 1) * MAX_IDS),
  );
  return Promise.all(parts.map((part) => ask(part.join(','))));
}

/** Whose life it is. */
export interface LifeOf {
  /** `pay_...`, `re_...`, `po_...`: itself, and what belongs to it. */
  readonly subjects: readonly string[];
  /** `att_...` */
  readonly attempts: readonly string[];
}

export function useBookings({ subjects, attempts }: LifeOf): UseQueryResult<Bookings> {
  const of = [...attempts, ...subjects.filter((id) => !id.startsWith('pay_'))];
  return useQuery({
    queryKey: ['booked', of],
    queryFn: async ({ signal }) => {
      const parts = await askOf(of, (ids) => answerOf(bookedRead({ query: { of: ids }, signal })));
      return { data: parts.flatMap(({ data }) => data), settlements: parts.flatMap((part) => part.settlements) };
    },
    enabled: useMay('ledger', 'read') && of.length > 0,
  });
}

export function useTold({ subjects }: LifeOf): UseQueryResult<readonly Told[]> {
  return useQuery({
    queryKey: ['told', subjects],
    queryFn: async ({ signal }) => {
      const parts = await askOf(subjects, (ids) => answerOf(adminEventsList({ query: { of: ids }, signal })));
      return parts.flatMap(({ data }) => data);
    },
    enabled: useMay('webhooks', 'read') && subjects.length > 0,
  });
}

export function useReconciled({ attempts }: LifeOf): UseQueryResult<readonly Reconciled[]> {
  return useQuery({
    queryKey: ['reconciled', attempts],
    queryFn: async ({ signal }) => {
      const parts = await askOf(attempts, (ids) => answerOf(recordsList({ query: { of: ids }, signal })));
      return parts.flatMap(({ data }) => data);
    },
    enabled: useMay('reconciliation', 'read') && attempts.length > 0,
  });
}
