/** Where the module leaves what is to be sent: in the caller's transaction, with its addressee sealed. */
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import type { Language } from '../../../config/message-settings.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { loadMasterKeys } from '../../../kernel/secrets/master-keys.js';
import { Vault } from '../../../kernel/secrets/vault.js';
import { AddresseeHashes, mask } from './addressee.js';
import { sealContent, type MessageContent } from './message-content.js';
import { KINDS, type AlertItem, type AlertKind, type Channel, type Said } from './message-kinds.js';
import { gatherAlert, queueMessages, type NewMessage } from './messages.store.js';
import { SHOWN_ITEMS } from './wording.js';

export interface Draft {
  readonly said: Said;
  readonly channel: Channel;
  readonly language: Language;
  readonly content: MessageContent;
  /** Each event brings one message of a kind and channel. */
  readonly sourceEventId: string;
  readonly subjectId?: string;
  readonly merchantId?: string;
  readonly livemode?: boolean;
  /** Where it is of no use before its kind's time is over. */
  readonly expiresAt?: Date;
  readonly resendOf?: string;
}

const DAY_MS = 86_400_000;

@Injectable()
export class Messages {
  private readonly listeners = new Set<(channel: Channel) => void>();
  private hashes: Promise<AddresseeHashes> | undefined;

  constructor(
    @Inject(ENV) private readonly env: Pick<Env, 'messages' | 'nodeEnv' | 'masterKeys' | 'dataDir'>,
    private readonly vault: Vault,
  ) {}

  /** Whether anything is sent that way. What is not is not queued either: it would all go out when somebody turns it on. */
  isOn(channel: Channel): boolean {
    const { smtp, sms } = this.env.messages;
    return (channel === 'email' ? smtp : sms) !== undefined;
  }

  get language(): Language {
    return this.env.messages.language;
  }

  /** Where alerts go. */
  get operations(): readonly { readonly channel: Channel; readonly to: string }[] {
    const { alertsEmail, alertsPhone } = this.env.messages;
    return [
      ...(alertsEmail !== undefined && this.isOn('email') ? [{ channel: 'email', to: alertsEmail } as const] : []),
      ...(alertsPhone !== undefined && this.isOn('sms') ? [{ channel: 'sms', to: alertsPhone } as const] : []),
    ];
  }

  /** Called when something was queued, after the commit. */
  onQueued(listener: (channel: Channel) => void): void {
    this.listeners.add(listener);
  }

  /** @returns ids of those that are new */
  async queue(tx: Tx, drafts: readonly Draft[]): Promise<readonly string[]> {
    const messages = await Promise.all(drafts.map((draft) => this.prepare(draft)));
    const queued = await queueMessages(tx, messages);
    if (queued.length > 0) this.wake(tx, new Set(drafts.map(({ channel }) => channel)));
    return queued;
  }

  /** Tells operations of things of one kind, together with those that wait to be told already. */
  async alert<Name extends AlertKind>(
    tx: Tx,
    kind: Name,
    items: readonly AlertItem<Name>[],
    sourceEventId: string,
  ): Promise<void> {
    if (items.length === 0) return;
    for (const { channel, to } of this.operations) {
      // A kind and its own items, which the compiler cannot put together for a kind that it does not know.
      const said = { kind, data: { items: items.slice(0, SHOWN_ITEMS) } } as unknown as Said;
      const draft: Draft = { said, channel, language: this.language, content: { to }, sourceEventId };
      await gatherAlert(tx, await this.prepare(draft), items.length);
    }
  }

  private async prepare(draft: Draft): Promise<NewMessage> {
    const { said, channel, language, content, sourceEventId } = draft;
    const { audience, triedForSeconds } = KINDS[said.kind];
    const id = newUuid();
    const latest = new Date(Date.now() + triedForSeconds * 1_000);
    const expiresAt = draft.expiresAt !== undefined && draft.expiresAt < latest ? draft.expiresAt : latest;
    return {
      id,
      said,
      channel,
      language,
      audience,
      sourceEventId,
      subjectId: draft.subjectId ?? null,
      merchantId: draft.merchantId ?? null,
      livemode: draft.livemode ?? null,
      addressee: mask(channel, content.to),
      addresseeHash: (await this.hashesOf()).of(audience, channel, content.to),
      resendOf: draft.resendOf ?? null,
      sealed: await sealContent(this.vault, id, content),
      expiresAt,
      // What opens a door goes when the door is closed.
      eraseAt: KINDS[said.kind].secret ? expiresAt : new Date(Date.now() + this.env.messages.keepDays * DAY_MS),
    };
  }

  private wake(tx: Tx, channels: ReadonlySet<Channel>): void {
    tx.afterCommit(() => {
      for (const channel of channels) for (const listener of this.listeners) listener(channel);
    });
  }

  /** Read once; a failure is tried again by whoever asks next. */
  private hashesOf(): Promise<AddresseeHashes> {
    this.hashes ??= loadMasterKeys(this.env).then(
      (keys) => new AddresseeHashes(keys),
      (error: unknown) => {
        this.hashes = undefined;
        throw error;
      },
    );
    return this.hashes;
  }
}
