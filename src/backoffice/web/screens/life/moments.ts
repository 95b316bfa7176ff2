/** The moments of a life, from whatever is known of it. Pure. */
import type { Bookings, Reconciled, Told } from './life-of.js';

export type Moment = { readonly at: string } & (
  | { readonly what: 'created' | 'concluded' | 'returned'; readonly about: string; readonly status: string }
  | { readonly what: 'tried'; readonly gateway: string; readonly attempt: string }
  | { readonly what: 'answered'; readonly gateway: string; readonly attempt: string; readonly status: string }
  | { readonly what: 'booked'; readonly kinds: readonly string[] }
  | { readonly what: 'told' | 'delivered'; readonly type: string; readonly about: string | null }
  | { readonly what: 'matched' | 'proved'; readonly gateway: string }
  | { readonly what: 'differed' | 'settled'; readonly kind: string; readonly id: string }
);

interface Attempted {
  readonly id: string;
  readonly gateway: string;
  readonly status: string;
  readonly started_at: string;
  readonly concluded_at: string | null;
}

/** A payment, refund or payout. */
export interface Lived {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
  readonly concluded_at?: string | null;
  readonly returned_at?: string | null;
  readonly attempts?: readonly Attempted[] | undefined;
}

interface Known {
  readonly lives: readonly Lived[];
  readonly bookings?: Bookings | undefined;
  readonly told?: readonly Told[] | undefined;
  readonly reconciled?: readonly Reconciled[] | undefined;
}

/** Which of two that happened at once comes first. */
const ORDER: readonly Moment['what'][] = [
  'created',
  'tried',
  'answered',
  'concluded',
  'returned',
  'booked',
  'told',
  'delivered',
  'matched',
  'proved',
  'differed',
  'settled',
];

/** Oldest first. */
export function momentsOf({ lives, bookings, told = [], reconciled = [] }: Known): readonly Moment[] {
  const moments = [
    ...lives.flatMap(ofLife),
    ...ofBookings(bookings?.data ?? []),
    ...told.flatMap(ofEvent),
    ...reconciled.flatMap(ofRecord),
  ];
  return moments.toSorted(
    (one, other) => Date.parse(one.at) - Date.parse(other.at) || ORDER.indexOf(one.what) - ORDER.indexOf(other.what),
  );
}

function ofLife(life: Lived): Moment[] {
  const { id, status, created_at: at, attempts = [] } = life;
  return [
    { what: 'created', at, about: id, status },
    ...attempts.flatMap((attempt): Moment[] => {
      const { gateway, id: attemptId, started_at: startedAt, concluded_at: answeredAt } = attempt;
      const tried: Moment = { what: 'tried', at: startedAt, gateway, attempt: attemptId };
      if (answeredAt === null) return [tried];
      return [tried, { what: 'answered', at: answeredAt, gateway, attempt: attemptId, status: attempt.status }];
    }),
    // What came back had succeeded before.
    ...momentAt(life.concluded_at, (on): Moment => {
      return { what: 'concluded', at: on, about: id, status: status === 'returned' ? 'succeeded' : status };
    }),
    ...momentAt(life.returned_at, (on): Moment => ({ what: 'returned', at: on, about: id, status })),
  ];
}

/** What was booked together is one moment. */
function ofBookings(bookings: Bookings['data']): Moment[] {
  const kindsAt = new Map<string, string[]>();
  for (const { booked_at: at, kind } of bookings) kindsAt.set(at, [...(kindsAt.get(at) ?? []), kind]);
  return Array.from(kindsAt, ([at, kinds]) => ({ what: 'booked', at, kinds }));
}

function ofEvent({ type, about, created_at: at, deliveries }: Told): Moment[] {
  const delivered = deliveries.filter(({ status }) => status === 'delivered');
  return [
    { what: 'told', at, type, about },
    ...delivered.flatMap(({ last_attempt_at: when }) =>
      momentAt(when, (on): Moment => ({ what: 'delivered', at: on, type, about })),
    ),
  ];
}

function ofRecord({ gateway, proved_at: provedAt, lines, breaks }: Reconciled): Moment[] {
  return [
    ...lines.map(({ matched_at: at }): Moment => ({ what: 'matched', at, gateway })),
    ...momentAt(provedAt, (at): Moment => ({ what: 'proved', at, gateway })),
    ...breaks.flatMap(({ id, kind, opened_at: at, closed_at: closedAt }): Moment[] => [
      { what: 'differed', at, kind, id },
      ...momentAt(closedAt, (closed): Moment => ({ what: 'settled', at: closed, kind, id })),
    ]),
  ];
}

/** One moment, where there was one. */
const momentAt = (at: string | null | undefined, moment: (at: string) => Moment): Moment[] =>
  at === null || at === undefined ? [] : [moment(at)];
