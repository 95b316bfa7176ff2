import { Injectable } from '@nestjs/common';
import {
  memberContactPlace,
  merchantMemberChanged,
  merchantMemberRemoved,
  type MemberContact,
} from '../../../contracts/auth.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import { Vault } from '../../../kernel/secrets/vault.js';
import { AuthStore } from '../auth.store.js';
import { MAX_MEMBERS, MembersStore, type MemberFields, type MemberRow } from './members.store.js';

interface Command {
  readonly merchantId: string;
  readonly correlationId: string;
}

/** Adds, changes and removes whom a merchant is told through. Addresses leave this module sealed, for who writes to them. */
@Injectable()
export class ChangeMembers {
  constructor(
    private readonly store: MembersStore,
    private readonly merchants: AuthStore,
    private readonly vault: Vault,
  ) {}

  /** @throws {DomainError} merchant.not_found, merchant_member.email_taken, merchant_member.too_many */
  async add({ merchantId, correlationId, ...fields }: Command & MemberFields): Promise<MemberRow> {
    return this.store.database.transaction(async (tx) => {
      if ((await this.merchants.findMerchant(tx, merchantId)) === undefined)
        throw new DomainError('merchant.not_found');
      await this.store.lockAll(tx, merchantId);
      if ((await this.store.count(tx, merchantId)) >= MAX_MEMBERS) throw new DomainError('merchant_member.too_many');
      const member = await this.store.insert(tx, newUuid(), merchantId, fields);
      if (member === undefined) throw new DomainError('merchant_member.email_taken');
      await this.tell(tx, member, 'added', correlationId);
      return member;
    });
  }

  /**
   * To change nothing is told to nobody.
   * @throws {DomainError} merchant_member.not_found, merchant_member.email_taken
   */
  async change({ merchantId, id, correlationId, ...fields }: Command & MemberFields & { readonly id: string }) {
    return this.store.database.transaction(async (tx) => {
      await this.store.lockAll(tx, merchantId);
      const before = await this.get(tx, merchantId, id);
      if (areSame(before, fields)) return before;
      if (((await this.store.findIdByEmail(tx, merchantId, fields.email)) ?? id) !== id)
        throw new DomainError('merchant_member.email_taken');
      const member = await this.store.update(tx, id, fields);
      await this.tell(tx, member, 'changed', correlationId);
      return member;
    });
  }

  /**
   * Deletes what is known of somebody.
   * @throws {DomainError} merchant_member.not_found
   */
  async remove({ merchantId, id, correlationId }: Command & { readonly id: string }): Promise<void> {
    await this.store.database.transaction(async (tx) => {
      const { version } = await this.get(tx, merchantId, id);
      await this.store.delete(tx, id);
      const context = { aggregateId: id, merchantId, cause: { correlationId } };
      const removed = { member_id: id, merchant_id: merchantId, version: version + 1 };
      await appendEvents(tx, [newEvent(merchantMemberRemoved, context, removed)]);
    });
  }

  private async get(tx: Tx, merchantId: string, id: string): Promise<MemberRow> {
    const member = await this.store.lock(tx, merchantId, id);
    if (member === undefined) throw new DomainError('merchant_member.not_found');
    return member;
  }

  private async tell(tx: Tx, member: MemberRow, what: 'added' | 'changed', correlationId: string): Promise<void> {
    const { id, merchantId, version, language, subjects, email, name, phone } = member;
    const contact: MemberContact = { email, name, phone };
    const context = { aggregateId: id, merchantId, cause: { correlationId } };
    const changed = {
      member_id: id,
      merchant_id: merchantId,
      version,
      what,
      language,
      subjects: [...subjects],
      sealed_contact: await this.vault.seal(JSON.stringify(contact), memberContactPlace(id)),
    };
    await appendEvents(tx, [newEvent(merchantMemberChanged, context, changed)]);
  }
}

function areSame(one: MemberFields, other: MemberFields): boolean {
  const whole = ({ email, name, phone, language, subjects }: MemberFields): string =>
    JSON.stringify([email, name, phone, language, subjects.toSorted()]);
  return whole(one) === whole(other);
}
