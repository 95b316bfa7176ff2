import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { merchantMemberChanged, merchantMemberRemoved, type MemberContact } from '../../../../contracts/auth.events.js';
import type { Tx } from '../../../../kernel/database/tx.js';
import { Logger } from '../../../../kernel/observability/logger.js';
import type { EventHandler } from '../../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../../kernel/outbox/event.js';
import { CannotOpen, Vault } from '../../../../kernel/secrets/vault.js';
import { addressOf } from '../addressee.js';
import { CHANNELS } from '../message-kinds.js';
import { Messages, type Draft } from '../messages.js';
import { plainName } from '../wording.js';
import { openContact } from './member-contact.js';
import { noticesOf, type MemberNotice } from './member-notices.js';
import { forgetMembers, keepMembers, membersOf, type MemberRow, type MemberVersion } from './members.store.js';

type Changed = PayloadOf<typeof merchantMemberChanged>;
type Removed = PayloadOf<typeof merchantMemberRemoved>;

/** A member whose contact is open, for as long as it takes to seal it into messages. */
interface Reachable {
  readonly member: MemberRow;
  readonly contact: MemberContact;
}

/**
 * Merchants' members: keeps who they are, and leaves for each of them what they are to know. An event brings a member one message of each channel, however
 * often it is heard. docs/adr/0035.
 */
@Injectable()
export class TellMembers implements EventHandler {
  constructor(
    private readonly messages: Messages,
    private readonly vault: Vault,
    private readonly logger: Logger,
  ) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const removed = payloadsOf(events, merchantMemberRemoved);
    const versions = [...payloadsOf(events, merchantMemberChanged).map(changedTo), ...removed.map(removedTo)];
    if (versions.length > 0) await keepMembers(tx, versions);
    await forgetMembers(
      tx,
      removed.map(({ member_id: id }) => id),
    );
    await this.tell(tx, noticesOf(events));
  }

  /** What this module knows by itself is told here, since it hears no events of its own. */
  async tell(tx: Tx, notices: readonly MemberNotice[]): Promise<void> {
    if (notices.length === 0 || !CHANNELS.some((channel) => this.messages.isOn(channel))) return;
    const members = await membersOf(tx, [...new Set(notices.map(({ merchantId }) => merchantId))]);
    const reachable = (await Promise.all(members.map((member) => this.reach(member)))).filter(
      (each) => each !== undefined,
    );
    await this.messages.queue(
      tx,
      notices.flatMap((notice) =>
        reachable.filter(({ member }) => isFor(notice, member)).flatMap((each) => this.draftsFor(notice, each)),
      ),
    );
  }

  /** Undefined where it was sealed under a master key that this process lacks: others are told. */
  private async reach(member: MemberRow): Promise<Reachable | undefined> {
    try {
      return { member, contact: await openContact(this.vault, member.id, member.sealed) };
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      this.logger.warn({ memberId: member.id, error: error.message }, "a merchant's member is told nothing");
      return undefined;
    }
  }

  private draftsFor(notice: MemberNotice, { member, contact }: Reachable): readonly Draft[] {
    const { said, merchantId, livemode, sourceEventId } = notice;
    const name = plainName(contact.name);
    return CHANNELS.flatMap((channel): Draft[] => {
      const to = addressOf(channel, channel === 'email' ? contact.email : contact.phone);
      if (to === undefined || !this.messages.isOn(channel)) return [];
      return [
        {
          said,
          channel,
          language: member.language,
          content: { to, ...(name === undefined ? {} : { name }) },
          sourceEventId: sourceFor(sourceEventId, member.id),
          subjectId: member.id,
          merchantId,
          ...(livemode === undefined ? {} : { livemode }),
        },
      ];
    });
  }
}

function isFor({ subject, merchantId }: MemberNotice, member: MemberRow): boolean {
  return member.merchantId === merchantId && (member.subjects.includes(subject) || member.subjects.includes('owner'));
}

function payloadsOf<Definition extends { readonly type: string }>(
  events: readonly StoredEvent[],
  { type }: Definition,
): readonly PayloadOf<Definition>[] {
  return events.filter((event) => event.type === type).map(({ payload }) => payload as PayloadOf<Definition>);
}

function changedTo(changed: Changed): MemberVersion {
  const { member_id: id, merchant_id: merchantId, version, language, subjects, sealed_contact: sealed } = changed;
  return { id, merchantId, version, language, subjects, sealed };
}

function removedTo({ member_id: id, merchant_id: merchantId, version }: Removed): MemberVersion {
  return { id, merchantId, version, language: null, subjects: null, sealed: null };
}

/** A UUIDv8 (RFC 9562 section 5.8) of event and member: always the same for both, so that what was queued before is not queued again. */
function sourceFor(eventId: string, memberId: string): string {
  const hash = createHash('sha256').update(`${eventId} ${memberId}`).digest('hex');
  const variant = ((Number.parseInt(hash.charAt(15), 16) & 3) | 8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(12, 15)}-${variant}${hash.slice(16, 19)}-${hash.slice(20, 32)}`;
}
