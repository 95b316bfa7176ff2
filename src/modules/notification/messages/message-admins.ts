import { Injectable } from '@nestjs/common';
import { accountSecured, adminInvited } from '../../../contracts/auth.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { addressOf } from './addressee.js';
import type { Kind } from './message-kinds.js';
import { Messages, type Draft } from './messages.js';
import { plainName } from './wording.js';

type Secured = PayloadOf<typeof accountSecured>;

const KIND_OF = {
  password_changed: 'admin_password_changed',
  second_factor_set_up: 'admin_second_factor_set_up',
  second_factor_removed: 'admin_second_factor_removed',
  recovery_code_used: 'admin_recovery_code_used',
  disabled: 'admin_disabled',
} as const satisfies Record<Secured['what'], Kind>;

/** Invitations and security notices to people who work here. */
@Injectable()
export class MessageAdmins implements EventHandler {
  constructor(private readonly messages: Messages) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    if (!this.messages.isOn('email')) return;
    const drafts = events.map((event) =>
      event.type === adminInvited.type
        ? this.invitation(event as StoredEvent<PayloadOf<typeof adminInvited>>)
        : this.notice(event as StoredEvent<Secured>),
    );
    await this.messages.queue(
      tx,
      drafts.filter((draft) => draft !== undefined),
    );
  }

  private invitation({ id, payload }: StoredEvent<PayloadOf<typeof adminInvited>>): Draft | undefined {
    const { invitation_id, email, name, role, expires_at, sealed_link } = payload;
    const to = addressOf('email', email);
    // Told before invitations were sent: whoever invited has given the link to them.
    if (to === undefined || sealed_link === undefined) return undefined;
    const known = plainName(name);
    return {
      said: { kind: 'admin_invited', data: { role, expires_at } },
      channel: 'email',
      language: this.messages.language,
      content: {
        to,
        ...(known === undefined ? {} : { name: known }),
        link: { sealed: sealed_link, invitation_id },
      },
      sourceEventId: id,
      subjectId: invitation_id,
      expiresAt: new Date(expires_at),
    };
  }

  private notice({ id, payload }: StoredEvent<Secured>): Draft | undefined {
    const to = addressOf('email', payload.email);
    if (to === undefined) return undefined;
    const known = plainName(payload.name);
    return {
      said: { kind: KIND_OF[payload.what], data: { at: payload.happened_at } },
      channel: 'email',
      language: this.messages.language,
      content: { to, ...(known === undefined ? {} : { name: known }) },
      sourceEventId: id,
      subjectId: payload.admin_id,
    };
  }
}
