import { Injectable } from '@nestjs/common';
import { accountDrifted } from '../../../contracts/ledger.events.js';
import { breakerClosed, breakerOpened } from '../../../contracts/routing.events.js';
import { coverageJudged, dayReported } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { Messages } from './messages.js';

const MINUTE_MS = 60_000;

/** What whoever runs the place must know at once. What is well is not told. */
@Injectable()
export class RaiseAlerts implements EventHandler {
  constructor(private readonly messages: Messages) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const [first] = events;
    if (first === undefined || this.messages.operations.length === 0) return;
    const short = payloadsOf(events, coverageJudged).filter(({ status }) => status === 'short');
    const differ = payloadsOf(events, dayReported).filter(({ open_breaks }) => open_breaks > 0);
    await this.messages.alert(
      tx,
      'alert_funds_short',
      short.map(({ livemode, currency, shortfall }) => ({ livemode, currency, shortfall })),
      first.id,
    );
    await this.messages.alert(
      tx,
      'alert_books_differ',
      differ.map(({ livemode, gateway, day, open_breaks }) => ({ livemode, gateway, day, open_breaks })),
      first.id,
    );
    await this.messages.alert(
      tx,
      'alert_ledger_drifted',
      payloadsOf(events, accountDrifted).map(({ livemode, account_id, currency, frozen }) => ({
        livemode,
        account: encodeId('account', account_id),
        currency,
        frozen,
      })),
      first.id,
    );
    await this.messages.alert(
      tx,
      'alert_gateway_shut_out',
      payloadsOf(events, breakerOpened).map((each) => ({ ...outageOf(each), at: each.opened_at })),
      first.id,
    );
    await this.messages.alert(
      tx,
      'alert_gateway_back',
      payloadsOf(events, breakerClosed).map((each) => ({
        ...outageOf(each),
        at: each.closed_at,
        minutes: Math.ceil((Date.parse(each.closed_at) - Date.parse(each.opened_at)) / MINUTE_MS),
      })),
      first.id,
    );
  }
}

function outageOf({ gateway, account, livemode, network }: PayloadOf<typeof breakerOpened>) {
  return { gateway: gateway === null ? null : `${gateway}/${account ?? ''}`, livemode, network };
}

function payloadsOf<Definition extends { readonly type: string }>(
  events: readonly StoredEvent[],
  { type }: Definition,
): readonly PayloadOf<Definition>[] {
  return events.filter((event) => event.type === type).map(({ payload }) => payload as PayloadOf<Definition>);
}
