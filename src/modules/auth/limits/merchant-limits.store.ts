import { Injectable } from '@nestjs/common';
import type { OwnLimits } from '../../../kernel/admission/own-limits.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';

export interface MerchantLimitsRow extends OwnLimits {
  readonly updatedAt: Date;
}

const LIMITS = `version, rate_per_second AS "ratePerSecond", burst, max_in_flight AS "maxInFlight", updated_at AS "updatedAt"`;

const selectLimits = statement(
  'auth.select_merchant_limits',
  `SELECT ${LIMITS} FROM auth.merchant_limits WHERE merchant_id = $1`,
);
const ensureLimits = statement(
  'auth.ensure_merchant_limits',
  `INSERT INTO auth.merchant_limits (merchant_id) SELECT id FROM auth.merchant WHERE id = $1 ON CONFLICT (merchant_id) DO NOTHING`,
);
const lockLimits = statement(
  'auth.lock_merchant_limits',
  `SELECT ${LIMITS} FROM auth.merchant_limits WHERE merchant_id = $1 FOR UPDATE`,
);
const updateLimits = statement(
  'auth.update_merchant_limits',
  `UPDATE auth.merchant_limits SET version = version + 1, rate_per_second = $2, burst = $3, max_in_flight = $4, updated_at = now()
    WHERE merchant_id = $1 RETURNING ${LIMITS}`,
);

/** The SQL of merchants' own limits. */
@Injectable()
export class MerchantLimitsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** @returns undefined when nothing was ever set for the merchant */
  async find(merchantId: string): Promise<MerchantLimitsRow | undefined> {
    return (await this.database.query<MerchantLimitsRow>(selectLimits, [merchantId]))[0];
  }

  /** Whoever changes them waits here for who does already. @returns undefined when there is no such merchant */
  async lock(tx: Tx, merchantId: string): Promise<MerchantLimitsRow | undefined> {
    await tx.query(ensureLimits, [merchantId]);
    return (await tx.query<MerchantLimitsRow>(lockLimits, [merchantId]))[0];
  }

  async update(tx: Tx, merchantId: string, limits: Omit<OwnLimits, 'version'>): Promise<MerchantLimitsRow> {
    const values = [merchantId, limits.ratePerSecond, limits.burst, limits.maxInFlight];
    const [row] = await tx.query<MerchantLimitsRow>(updateLimits, values);
    if (row === undefined) throw new Error('A row that is locked was not updated');
    return row;
  }
}
