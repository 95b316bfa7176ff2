import { Injectable } from '@nestjs/common';
import { merchantCreated } from '../../contracts/auth.events.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore, type MerchantRow } from './auth.store.js';

export interface CreateMerchantCommand {
  readonly name: string;
  /** Our fee in basis points of each captured amount, 0 to 10,000. */
  readonly platformFeeBps: number;
  readonly correlationId: string;
  /** Given for the demo merchant only, which must be the same one at every start. */
  readonly id?: string;
}

/** Takes a merchant on. With an id that exists already it answers the merchant that has it and announces nothing. */
@Injectable()
export class CreateMerchant {
  constructor(private readonly store: AuthStore) {}

  async execute(command: CreateMerchantCommand): Promise<MerchantRow> {
    const { name, platformFeeBps, id = newUuid() } = command;
    return this.store.database.transaction(async (tx) => {
      const created = await this.store.insertMerchant(tx, { id, name, platformFeeBps });
      if (created === undefined) {
        const existing = await this.store.findMerchant(tx, id);
        if (existing === undefined) throw new Error('A merchant that could not be inserted cannot be found either');
        return existing;
      }
      const context = { aggregateId: id, merchantId: id, cause: { correlationId: command.correlationId } };
      await appendEvents(tx, [
        newEvent(merchantCreated, context, { merchant_id: id, name, platform_fee_bps: platformFeeBps }),
      ]);
      return created;
    });
  }
}
