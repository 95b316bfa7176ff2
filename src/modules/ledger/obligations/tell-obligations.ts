import { Injectable } from '@nestjs/common';
import { obligationsTold } from '../../../contracts/ledger.events.js';
import type { obligationsRequested } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import { newEvent, type NewEvent, type PayloadOf, type StoredEvent } from '../../../kernel/outbox/event.js';
import { readObligations, type Obligations } from './obligations.store.js';

/** Answers whoever guards that what is held covers what is owed. */
@Injectable()
export class TellObligations implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const { check_id: checkId, captured_since: since } = event.payload as PayloadOf<typeof obligationsRequested>;
      await appendEvents(tx, [answerTo(event, checkId, await readObligations(tx, since))]);
    }
  }
}

function answerTo(event: StoredEvent, checkId: string, { owed, clearing }: Obligations): NewEvent {
  return newEvent(
    obligationsTold,
    { aggregateId: checkId, merchantId: null, cause: event },
    {
      check_id: checkId,
      told_at: new Date().toISOString(),
      owed: owed.map(({ livemode, currency, merchants, customers, onItsWay }) => ({
        livemode,
        currency,
        merchants: toJsonAmount(merchants),
        customers: toJsonAmount(customers),
        on_its_way: toJsonAmount(onItsWay),
      })),
      clearing: clearing.map(({ gatewayAccountId, livemode, currency, balance, captured }) => ({
        gateway_account_id: gatewayAccountId,
        livemode,
        currency,
        balance: toJsonAmount(balance),
        captured: toJsonAmount(captured),
      })),
    },
  );
}
