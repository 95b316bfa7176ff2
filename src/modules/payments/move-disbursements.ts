/** Moves refunds and payouts by what was heard of them, and announces what has moved. */
import { Injectable } from '@nestjs/common';
import type { DisbursementKind } from '../../contracts/shared.js';
import type { Tx } from '../../kernel/database/tx.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { NewEvent, StoredEvent } from '../../kernel/outbox/event.js';
import type { Failure, Return, Success } from './disbursements.store.js';
import type { Moves, Outcome } from './moves.js';
import { MovePayouts } from './payouts/move-payouts.js';
import { MoveRefunds } from './refunds/move-refunds.js';

interface About {
  readonly kind: DisbursementKind;
  readonly subject_id: string;
  readonly cause: StoredEvent;
}

/** What was heard, of refunds and payouts together. */
export interface Heard {
  readonly funded: readonly About[];
  readonly failed: readonly (About & Omit<Failure, 'id'>)[];
  readonly succeeded: readonly (About & Omit<Success, 'id'>)[];
  readonly returned: readonly (About & Omit<Return, 'id'>)[];
}

@Injectable()
export class MoveDisbursements {
  private readonly concluded;

  constructor(
    private readonly refunds: MoveRefunds,
    private readonly payouts: MovePayouts,
    metrics: Metrics,
  ) {
    this.concluded = metrics.counter(
      'sankofa_disbursements_concluded_total',
      'Refunds and payouts that became final, or came back, by kind and outcome',
      ['kind', 'outcome'],
    );
  }

  /** Refunds before payouts, so that all who lock both do so in one order. */
  async move(tx: Tx, heard: Heard): Promise<void> {
    const moved = [...(await this.moveKind(tx, 'refund', heard)), ...(await this.moveKind(tx, 'payout', heard))];
    await appendEvents(
      tx,
      moved.map(({ event }) => event),
    );
    tx.afterCommit(() => {
      for (const { kind, outcome } of moved) if (outcome !== undefined) this.concluded.inc({ kind, outcome });
    });
  }

  private async moveKind(
    tx: Tx,
    kind: DisbursementKind,
    heard: Heard,
  ): Promise<{ readonly kind: DisbursementKind; readonly outcome: Outcome | undefined; readonly event: NewEvent }[]> {
    const of = <T extends About>(news: readonly T[]): (T & { readonly id: string })[] =>
      news.filter((each) => each.kind === kind).map((each) => ({ ...each, id: each.subject_id }));
    const all = [...of(heard.funded), ...of(heard.failed), ...of(heard.succeeded), ...of(heard.returned)];
    if (all.length === 0) return [];
    const causeOf = new Map(all.map(({ id, cause }) => [id, cause]));
    const moves: Moves = {
      ids: [...causeOf.keys()],
      funded: of(heard.funded).map(({ id }) => id),
      failed: of(heard.failed).map(({ id, failure_code }) => ({ id, failure_code })),
      succeeded: of(heard.succeeded).map(({ id, gateway, gateway_account_id, attempt_id, gateway_fee }) => ({
        id,
        gateway,
        gateway_account_id,
        attempt_id,
        gateway_fee,
      })),
      returned: of(heard.returned).map(({ id, gateway_account_id, attempt_id }) => ({
        id,
        gateway_account_id,
        attempt_id,
      })),
    };
    const moved = kind === 'refund' ? await this.refunds.move(tx, moves) : await this.payouts.move(tx, moves);
    return moved.map(({ id, outcome, announce }) => {
      const cause = causeOf.get(id);
      if (cause === undefined) throw new Error(`${kind} ${id} moved without an event of this batch`);
      return { kind, outcome, event: announce(cause) };
    });
  }
}
