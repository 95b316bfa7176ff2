import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import { merchantLimitsChanged } from '../../../contracts/auth.events.js';
import { LEAST_BURST_SECONDS, type OwnLimits } from '../../../kernel/admission/own-limits.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import { MerchantLimitsStore, type MerchantLimitsRow } from './merchant-limits.store.js';

export type Limits = Omit<OwnLimits, 'version'>;
export type DefaultLimits = Pick<Env, 'merchantRatePerSecond' | 'merchantBurst' | 'merchantMaxInFlight'>;

export interface SetMerchantLimitsCommand {
  readonly merchantId: string;
  /** Null: as the settings have it. */
  readonly limits: Limits;
  readonly correlationId: string;
}

/** None of its own: what all others may. */
export const NO_LIMITS: Limits = { ratePerSecond: null, burst: null, maxInFlight: null };

/**
 * Sets what a merchant may send, or lifts it. To set what is set already changes nothing and announces nothing.
 * @throws {DomainError} merchant.not_found; request.invalid where the burst is too small for the rate
 */
@Injectable()
export class SetMerchantLimits {
  constructor(
    private readonly store: MerchantLimitsStore,
    @Inject(ENV) private readonly defaults: DefaultLimits,
  ) {}

  async execute({ merchantId, limits, correlationId }: SetMerchantLimitsCommand): Promise<MerchantLimitsRow> {
    this.assertBurstIsEnough(limits);
    return this.store.database.transaction(async (tx) => {
      const before = await this.store.lock(tx, merchantId);
      if (before === undefined) throw new DomainError('merchant.not_found');
      if (areSame(before, limits)) return before;
      const after = await this.store.update(tx, merchantId, limits);
      const context = { aggregateId: merchantId, merchantId, cause: { correlationId } };
      const change = { merchant_id: merchantId, version: after.version, limits: told(after), before: told(before) };
      await appendEvents(tx, [newEvent(merchantLimitsChanged, context, change)]);
      return after;
    });
  }

  private assertBurstIsEnough({ ratePerSecond, burst }: Limits): void {
    if (ratePerSecond === null && burst === null) return;
    const least = Math.ceil((ratePerSecond ?? this.defaults.merchantRatePerSecond) * LEAST_BURST_SECONDS);
    if ((burst ?? this.defaults.merchantBurst) >= least) return;
    const detail = `At this rate the burst must be ${least} or more: a tenth of a second of it.`;
    throw new DomainError('request.invalid', { errors: [{ pointer: '/burst', code: 'less_than_rate_needs', detail }] });
  }
}

function areSame(one: Limits, other: Limits): boolean {
  return (
    one.ratePerSecond === other.ratePerSecond && one.burst === other.burst && one.maxInFlight === other.maxInFlight
  );
}

function told({ ratePerSecond, burst, maxInFlight }: Limits) {
  return { rate_per_second: ratePerSecond, burst, max_in_flight: maxInFlight };
}
