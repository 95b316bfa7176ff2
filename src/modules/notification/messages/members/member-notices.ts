/** What members are to know of what has happened, from events alone. */
import {
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRolled,
  merchantMemberChanged,
  merchantMemberRemoved,
} from '../../../../contracts/auth.events.js';
import { payoutFailed, payoutReturned } from '../../../../contracts/payments.events.js';
import { groupBy } from '../../../../kernel/collections/group-by.js';
import { encodeId } from '../../../../kernel/ids/ids.js';
import type { PayloadOf, StoredEvent } from '../../../../kernel/outbox/event.js';
import type { MessageData, Said } from '../message-kinds.js';
import { SHOWN_ITEMS } from '../wording.js';
import type { Subject } from './members.store.js';

export interface MemberNotice {
  readonly said: Said;
  /** Whom it is for: those who are told of it, and owners. */
  readonly subject: Subject;
  readonly merchantId: string;
  readonly livemode?: boolean;
  /** The event, or the first of those that are told together. */
  readonly sourceEventId: string;
}

type Defined = { readonly type: string };
type EventOf<Definition extends Defined> = StoredEvent<PayloadOf<Definition>> & { readonly merchantId: string };

/** Those of a kind that are about a merchant. */
function eventsOf<Definition extends Defined>(events: readonly StoredEvent[], { type }: Definition) {
  return events.filter(
    (event) => event.type === type && event.merchantId !== null,
  ) as unknown as readonly EventOf<Definition>[];
}

export function noticesOf(events: readonly StoredEvent[]): readonly MemberNotice[] {
  return [
    ...ofKeys(events),
    ...ofPayouts(events, payoutFailed, 'member_payout_failed'),
    ...ofPayouts(events, payoutReturned, 'member_payout_returned'),
    ...ofMembers(events),
  ];
}

function ofKeys(events: readonly StoredEvent[]): readonly MemberNotice[] {
  return [
    ...eventsOf(events, apiKeyCreated).flatMap((event): MemberNotice[] => {
      const { key_id: keyId, livemode, replaces } = event.payload;
      // That the other one was rolled is told.
      if (replaces !== undefined) return [];
      const data = { key: encodeId('apiKey', keyId), livemode, at: event.createdAt.toISOString() };
      return [{ ...of(event, 'technical', { kind: 'member_api_key_created', data }), livemode }];
    }),
    ...eventsOf(events, apiKeyRolled).map((event) => {
      const { key_id: keyId, expires_at: endsAt } = event.payload;
      const data = { key: encodeId('apiKey', keyId), ends_at: endsAt, at: event.createdAt.toISOString() };
      return of(event, 'technical', { kind: 'member_api_key_rolled', data });
    }),
    ...eventsOf(events, apiKeyRevoked).map((event) => {
      const data = { key: encodeId('apiKey', event.payload.key_id), at: event.createdAt.toISOString() };
      return of(event, 'technical', { kind: 'member_api_key_revoked', data });
    }),
  ];
}

/** Those of a merchant and mode that are heard of together are told together: a batch of ten thousand may fail at once. */
function ofPayouts(
  events: readonly StoredEvent[],
  definition: typeof payoutFailed | typeof payoutReturned,
  kind: 'member_payout_failed' | 'member_payout_returned',
): readonly MemberNotice[] {
  const groups = groupBy(
    eventsOf(events, definition),
    ({ merchantId, payload }) => `${merchantId} ${payload.livemode}`,
  );
  return [...groups.values()].flatMap((group): MemberNotice[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { livemode } = first.payload;
    const data: MessageData[typeof kind] = {
      livemode,
      payouts: group.slice(0, SHOWN_ITEMS).map(({ payload }) => ({
        payout: encodeId('payout', payload.payout_id),
        amount: payload.amount,
        currency: payload.currency,
        reason: 'failure_code' in payload ? payload.failure_code : 'returned',
      })),
      total: group.length,
    };
    return [{ ...of(first, 'finance', { kind, data }), livemode }];
  });
}

function ofMembers(events: readonly StoredEvent[]): readonly MemberNotice[] {
  const told = (
    event: EventOf<typeof merchantMemberChanged | typeof merchantMemberRemoved>,
    what: 'added' | 'changed' | 'removed',
  ): MemberNotice => {
    const member = encodeId('merchantMember', event.payload.member_id);
    const data = { what, member, at: event.createdAt.toISOString() };
    return of(event, 'owner', { kind: 'member_members_changed', data });
  };
  return [
    ...eventsOf(events, merchantMemberChanged).map((event) => told(event, event.payload.what)),
    ...eventsOf(events, merchantMemberRemoved).map((event) => told(event, 'removed')),
  ];
}

function of(
  { id, merchantId }: { readonly id: string; readonly merchantId: string },
  subject: Subject,
  said: Said,
): MemberNotice {
  return { said, subject, merchantId, sourceEventId: id };
}
