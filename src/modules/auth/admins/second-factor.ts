/** The second factor: codes of an authenticator app (TOTP, RFC 6238), each taken once, and recovery codes that stand in for it, each once. */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { generateSecret, generateURI, verifySync } from 'otplib';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { RESEAL_PAGE, resealAll, type Resealed } from '../../../kernel/secrets/reseal.js';
import { sealed, Vault, type Sealed } from '../../../kernel/secrets/vault.js';
import type { AdminRow } from './admins.store.js';
import { SecondFactorStore, type SealedSecret } from './second-factor.store.js';
import { LIMITS, Throttle } from './throttle.js';

const ISSUER = 'Sankofa';
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;
/** A code of the 30 seconds before or after is taken too: clocks differ, and people type. */
const TOLERANCE_SECONDS = 30;

const RECOVERY_CODES = 10;
/** 80 bits: beyond any search, so that a plain SHA-256 is enough to store them. */
const RECOVERY_BYTES = 10;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** What a person shows: one of the two. */
export interface ShownFactor {
  readonly code?: string | undefined;
  readonly recoveryCode?: string | undefined;
}

export interface NewSecondFactor {
  /** In base32, for apps without a camera. */
  readonly secret: string;
  /** For the QR code. */
  readonly uri: string;
}

@Injectable()
export class SecondFactor {
  constructor(
    private readonly store: SecondFactorStore,
    private readonly vault: Vault,
    private readonly throttle: Throttle,
  ) {}

  /**
   * Makes a secret for somebody who has no second factor yet. It counts from when the first code of it is shown.
   * @throws {DomainError} auth.second_factor_set_up
   */
  async begin(admin: Pick<AdminRow, 'id' | 'email'>): Promise<NewSecondFactor> {
    const secret = generateSecret({ length: SECRET_BYTES });
    const kept = await this.vault.seal(secret, placeOf(admin.id));
    const begun = await this.store.database.transaction((tx) => this.store.begin(tx, admin.id, kept));
    if (!begun) throw new DomainError('auth.second_factor_set_up');
    return { secret, uri: generateURI({ issuer: ISSUER, label: admin.email, secret }) };
  }

  /**
   * Counts an attempt before it is made, and forgives those before it when it succeeds. Not in a transaction: what was counted stays counted.
   * @throws {DomainError} auth.too_many_attempts
   */
  async attempt<Result>(adminId: string, work: () => Promise<Result>): Promise<Result> {
    await this.throttle.count(LIMITS.code, adminId);
    const result = await work();
    await this.throttle.forgive(LIMITS.code, adminId);
    return result;
  }

  /**
   * The first code of a new secret. See {@link attempt}.
   * @returns recovery codes, which are shown this once
   * @throws {DomainError} auth.wrong_code, auth.second_factor_set_up, auth.second_factor_not_set_up
   */
  async confirm(tx: Tx, adminId: string, code: string): Promise<readonly string[]> {
    const kept = await this.store.find(tx, adminId);
    if (kept === undefined) throw new DomainError('auth.second_factor_not_set_up');
    if (kept.confirmed) throw new DomainError('auth.second_factor_set_up');
    const step = await this.stepOf(adminId, kept.secret, kept.lastStep, code);
    if (step === undefined || !(await this.store.takeStep(tx, adminId, step, true)))
      throw new DomainError('auth.wrong_code');
    return this.newRecoveryCodes(tx, adminId);
  }

  /**
   * What is shown is taken, once. See {@link attempt}.
   * @throws {DomainError} auth.wrong_code, auth.second_factor_not_set_up
   */
  async take(tx: Tx, adminId: string, shown: ShownFactor): Promise<void> {
    const kept = await this.store.find(tx, adminId);
    if (kept?.confirmed !== true) throw new DomainError('auth.second_factor_not_set_up');
    if (!(await this.isTaken(tx, adminId, kept, shown))) throw new DomainError('auth.wrong_code');
  }

  async newRecoveryCodes(tx: Tx, adminId: string): Promise<readonly string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await this.store.replaceCodes(tx, adminId, codes.map(hashRecoveryCode));
    return codes;
  }

  private async isTaken(
    tx: Tx,
    adminId: string,
    kept: { readonly secret: Sealed; readonly lastStep: number },
    { code, recoveryCode }: ShownFactor,
  ): Promise<boolean> {
    if (recoveryCode !== undefined) return this.store.useCode(tx, adminId, hashRecoveryCode(recoveryCode));
    if (code === undefined) return false;
    const step = await this.stepOf(adminId, kept.secret, kept.lastStep, code);
    return step !== undefined && this.store.takeStep(tx, adminId, step, false);
  }

  /** The 30 seconds that a code is of; undefined: of none that could still be taken. */
  private async stepOf(adminId: string, kept: Sealed, lastStep: number, code: string): Promise<number | undefined> {
    const secret = await this.vault.open(kept, placeOf(adminId));
    const result = verifySync({
      secret,
      token: code,
      epochTolerance: TOLERANCE_SECONDS,
      ...(lastStep > 0 ? { afterTimeStep: lastStep } : {}),
    });
    return result.valid && 'timeStep' in result ? result.timeStep : undefined;
  }
}

/** What a secret is sealed for: it opens at no other person's row. */
function placeOf(adminId: string): string {
  return `auth.admin_user/${adminId}/totp_secret`;
}

/** As `abcd-efgh-ijkl-mnop`. */
function newRecoveryCode(): string {
  let bits = BigInt(`0x${randomBytes(RECOVERY_BYTES).toString('hex')}`);
  let text = '';
  for (let index = 0; index < (RECOVERY_BYTES * 8) / 5; index += 1) {
    text += BASE32.charAt(Number(bits & 31n));
    bits >>= 5n;
  }
  return (text.match(/.{4}/g) ?? []).join('-');
}

/** However it was typed. */
function hashRecoveryCode(code: string): Buffer {
  return createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''))
    .digest();
}

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Seals every secret anew that is not under the master key that seals now. */
export function resealSecondFactors(store: SecondFactorStore, vault: Vault): Promise<Resealed> {
  return resealAll<SealedSecret>(
    (last) => store.sealedAfter(last?.id ?? FIRST, RESEAL_PAGE),
    async ({ id, secret: was }) => {
      const kept = sealed.parse(was);
      if (await vault.isCurrent(kept)) return 'current';
      const fresh = await vault.seal(await vault.open(kept, placeOf(id)), placeOf(id));
      return (await store.replaceSealed(id, fresh, was)) ? 'resealed' : 'changed';
    },
  );
}
