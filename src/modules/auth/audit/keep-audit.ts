import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import { Logger } from '../../../kernel/observability/logger.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { contentOf, GENESIS, hashEntry, type AuditEntry } from './audit-entry.js';
import { AuditStore } from './audit.store.js';

/** Where the log has come to is told to the program's log no oftener than so: kept elsewhere, it shows whether the end was cut off. */
const TELL_EVERY_MS = 60_000;

/** Writes events into the audit log. */
@Injectable()
export class KeepAudit implements EventHandler {
  private toldAt = 0;

  constructor(
    private readonly store: AuditStore,
    private readonly logger: Logger,
  ) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    let head = (await this.store.lockHead(tx)) ?? { seq: 0n, hash: GENESIS };
    const entries: AuditEntry[] = [];
    for (const event of events) {
      const [seq, content] = [head.seq + 1n, JSON.stringify(contentOf(event))];
      head = { seq, hash: hashEntry(head.hash, seq, content) };
      entries.push({ ...head, content });
    }
    await this.store.append(tx, entries);
    const { seq, hash } = head;
    tx.afterCommit(() => this.tell(seq, hash));
  }

  private tell(seq: bigint, hash: Buffer): void {
    if (Date.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = Date.now();
    this.logger.info({ head: `${seq}:${hash.toString('hex')}` }, 'the audit log has come this far');
  }
}
