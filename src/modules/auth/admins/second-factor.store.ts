import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { sealed, type Sealed } from '../../../kernel/secrets/vault.js';

const selectSecret = statement(
  'auth.select_totp',
  `SELECT totp_secret AS secret, totp_confirmed_at IS NOT NULL AS confirmed, totp_last_step::int AS "lastStep" FROM auth.admin_user WHERE id = $1`,
);
const beginTotp = statement(
  'auth.begin_totp',
  `UPDATE auth.admin_user SET totp_secret = $2, totp_last_step = 0 WHERE id = $1 AND totp_confirmed_at IS NULL RETURNING 1`,
);
const takeStep = statement(
  'auth.take_totp_step',
  `UPDATE auth.admin_user SET totp_last_step = $2, totp_confirmed_at = COALESCE(totp_confirmed_at, now())
    WHERE id = $1 AND totp_last_step < $2 AND totp_secret IS NOT NULL AND (totp_confirmed_at IS NULL) = $3 RETURNING 1`,
);
const removeTotp = statement(
  'auth.remove_totp',
  'UPDATE auth.admin_user SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE id = $1',
);
const deleteCodes = statement('auth.delete_recovery_codes', 'DELETE FROM auth.recovery_code WHERE admin_id = $1');
const insertCodes = statement(
  'auth.insert_recovery_codes',
  'INSERT INTO auth.recovery_code (admin_id, code_hash) SELECT $1, unnest($2::bytea[])',
);
const useCode = statement(
  'auth.use_recovery_code',
  'UPDATE auth.recovery_code SET used_at = now() WHERE admin_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING 1',
);
const countCodes = statement(
  'auth.count_recovery_codes',
  'SELECT count(*)::int AS left FROM auth.recovery_code WHERE admin_id = $1 AND used_at IS NULL',
);
const selectSealed = statement(
  'auth.select_sealed_totp',
  'SELECT id, totp_secret AS secret FROM auth.admin_user WHERE totp_secret IS NOT NULL AND id > $1 ORDER BY id LIMIT $2',
);
const replaceSealed = statement(
  'auth.replace_sealed_totp',
  'UPDATE auth.admin_user SET totp_secret = $2 WHERE id = $1 AND totp_secret = $3 RETURNING 1',
);

export interface StoredTotp {
  readonly secret: Sealed;
  /** It was shown once that the person has it. */
  readonly confirmed: boolean;
  /** The 30 seconds whose code was taken last. */
  readonly lastStep: number;
}

/** Of an admin, as it is kept. */
export interface SealedSecret {
  readonly id: string;
  readonly secret: unknown;
}

@Injectable()
export class SecondFactorStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  async find(queryable: Queryable, adminId: string): Promise<StoredTotp | undefined> {
    const [row] = await queryable.query<{ secret: unknown; confirmed: boolean; lastStep: number }>(selectSecret, [
      adminId,
    ]);
    return row === undefined || row.secret === null ? undefined : { ...row, secret: sealed.parse(row.secret) };
  }

  /** @returns whether it was kept: not where there is one that was confirmed */
  async begin(tx: Tx, adminId: string, secret: Sealed): Promise<boolean> {
    return (await tx.query(beginTotp, [adminId, JSON.stringify(secret)])).length > 0;
  }

  /** @returns whether the code of these 30 seconds was taken: once, of however many who bring it at a time */
  async takeStep(tx: Tx, adminId: string, step: number, toConfirm: boolean): Promise<boolean> {
    return (await tx.query(takeStep, [adminId, step, toConfirm])).length > 0;
  }

  async remove(tx: Tx, adminId: string): Promise<void> {
    await tx.query(removeTotp, [adminId]);
    await tx.query(deleteCodes, [adminId]);
  }

  async replaceCodes(tx: Tx, adminId: string, hashes: readonly Buffer[]): Promise<void> {
    await tx.query(deleteCodes, [adminId]);
    await tx.query(insertCodes, [adminId, hashes]);
  }

  async useCode(tx: Tx, adminId: string, hash: Buffer): Promise<boolean> {
    return (await tx.query(useCode, [adminId, hash])).length > 0;
  }

  async codesLeft(adminId: string): Promise<number> {
    return (await this.database.query<{ left: number }>(countCodes, [adminId]))[0]?.left ?? 0;
  }

  /** Secrets as they are kept, by id, from one on. */
  async sealedAfter(id: string, limit: number): Promise<readonly SealedSecret[]> {
    return this.database.query(selectSealed, [id, limit]);
  }

  /** @returns whether it still was what it was read as */
  async replaceSealed(id: string, secret: Sealed, was: unknown): Promise<boolean> {
    return (await this.database.query(replaceSealed, [id, JSON.stringify(secret), JSON.stringify(was)])).length > 0;
  }
}
