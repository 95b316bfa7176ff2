import { Injectable } from '@nestjs/common';
import { approvalAsked, approvalCarriedOut } from '../../../kernel/approvals/approvals.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { Logger } from '../../../kernel/observability/logger.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { ApprovalsStore } from './approvals.store.js';

/** Takes down what modules were asked for, and what came of it. */
@Injectable()
export class KeepApprovals implements EventHandler {
  constructor(
    private readonly store: ApprovalsStore,
    private readonly logger: Logger,
  ) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type === approvalAsked.type) await this.keep(tx, event.payload as PayloadOf<typeof approvalAsked>);
      else await this.conclude(tx, event.payload as PayloadOf<typeof approvalCarriedOut>);
    }
  }

  private async keep(tx: Tx, asked: PayloadOf<typeof approvalAsked>): Promise<void> {
    await this.store.insert(
      tx,
      {
        id: asked.approval_id,
        kind: asked.kind,
        area: asked.area,
        subject: asked.subject,
        payload: asked.payload,
        payloadSha256: asked.payload_sha256,
        reason: asked.reason,
        askedBy: asked.asked_by,
        askedIn: asked.asked_in,
        askedAt: asked.asked_at,
        expiresAt: asked.expires_at,
      },
      (id) => `The same waits already, as ${encodeId('approval', id)}.`,
    );
  }

  private async conclude(tx: Tx, outcome: PayloadOf<typeof approvalCarriedOut>): Promise<void> {
    const { approval_id: id, kind, code, detail } = outcome;
    await this.store.carriedOut(tx, id, { code, detail });
    if (code !== null)
      tx.afterCommit(() =>
        this.logger.warn({ approval: encodeId('approval', id), kind, code }, 'what was approved could not be done'),
      );
  }
}
