import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { platformFee, type Payment } from '../payment.js';
import { asksForGateway, feeBy, scheduleContent, type ScheduleContent } from './fee-schedule.js';
import { schedulesSince, type ScheduleRow } from './fee-schedules.store.js';

/** Read in one statement; there is one per merchant, and few more. */
const READ_AT_ONCE = 1_000;

interface Schedule {
  readonly id: string;
  readonly content: ScheduleContent;
  readonly validFromMs: number;
}

/** What of a payment its fee depends on. */
export type Charged = Pick<Payment, 'merchantId' | 'amountMinor' | 'currency' | 'method' | 'createdAt'>;

export interface Fee {
  readonly feeMinor: bigint;
  /** What was in force; null: nothing but the merchant's basis points. */
  readonly scheduleId: string | null;
}

/**
 * All fee schedules, in memory: a payment waits for no question about its fee. What is made counts here at once and elsewhere when it is
 * read, within a second or so.
 */
@Injectable()
export class FeeSchedules {
  private readonly byId = new Map<string, Schedule>();
  /** Latest valid_from first; of two with the same, the later version. */
  private readonly byMerchant = new Map<string | null, Schedule[]>();
  private seen = 0n;
  private readonly database: Database;
  private first: Promise<void> | undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(databases: Databases) {
    this.database = databases.of('payments');
  }

  /** Resolves once everything that was there when the process began to ask is known. */
  async ready(): Promise<void> {
    this.first ??= this.refresh();
    try {
      await this.first;
    } catch (error) {
      this.first = undefined;
      throw error;
    }
  }

  /** Reads what was made since. One at a time, so that nothing is read twice. */
  refresh(): Promise<void> {
    const next = this.reading.catch(() => undefined).then(() => this.read());
    this.reading = next;
    return next;
  }

  /** Before its gateway is known. */
  feeOf(payment: Charged, basisPoints: number): Fee {
    const schedule = this.inForce(payment);
    const feeMinor = schedule === undefined ? undefined : feeBy(schedule.content, { ...payment, gateway: undefined });
    return {
      feeMinor: feeMinor ?? platformFee(payment.amountMinor, basisPoints),
      scheduleId: schedule?.id ?? null,
    };
  }

  /**
   * What it comes to when the gateway is known; what it was before, where its schedule makes no difference between gateways.
   * @param payment one that was captured
   */
  async feeAt(payment: Payment): Promise<bigint> {
    const { feeScheduleId, gateway, platformFeeMinor } = payment;
    if (feeScheduleId === null || gateway === null) return platformFeeMinor;
    const content = await this.contentOf(feeScheduleId);
    if (!asksForGateway(content)) return platformFeeMinor;
    return feeBy(content, { ...payment, gateway }) ?? platformFeeMinor;
  }

  /** Whether refunds of it give back our fee. */
  async isGivenBack({ feeScheduleId }: Pick<Payment, 'feeScheduleId'>): Promise<boolean> {
    return feeScheduleId === null || (await this.contentOf(feeScheduleId)).refunds === 'give_back';
  }

  private async contentOf(id: string): Promise<ScheduleContent> {
    // Another process may have used what this one has not read yet.
    if (!this.byId.has(id)) await this.refresh();
    const schedule = this.byId.get(id);
    if (schedule === undefined) throw new Error(`Fee schedule ${id} is named and not there`);
    return schedule.content;
  }

  private inForce({ merchantId, createdAt }: Charged): Schedule | undefined {
    const at = createdAt.getTime();
    const of = (whose: string | null): Schedule | undefined =>
      this.byMerchant.get(whose)?.find(({ validFromMs }) => validFromMs <= at);
    return of(merchantId) ?? of(null);
  }

  private async read(): Promise<void> {
    for (;;) {
      const rows = await schedulesSince(this.database, this.seen, READ_AT_ONCE);
      for (const row of rows) this.add(row);
      if (rows.length < READ_AT_ONCE) return;
    }
  }

  private add(row: ScheduleRow): void {
    const schedule = {
      id: row.id,
      content: scheduleContent.parse(row.content),
      validFromMs: row.validFrom.getTime(),
    };
    this.seen = row.seq;
    this.byId.set(row.id, schedule);
    const others = this.byMerchant.get(row.merchantId) ?? [];
    const at = others.findIndex(({ validFromMs }) => validFromMs <= schedule.validFromMs);
    this.byMerchant.set(row.merchantId, others.toSpliced(at === -1 ? others.length : at, 0, schedule));
  }
}
