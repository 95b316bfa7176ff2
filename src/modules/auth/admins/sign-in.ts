import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { tellAccountSecured } from './account-notices.js';
import { AdminsStore, type AdminRow } from './admins.store.js';
import { isPasswordOf, isPasswordOfNobody } from './password.js';
import { SecondFactor, type ShownFactor } from './second-factor.js';
import { Sessions, type Origin, type StartedSession } from './sessions.js';
import { LIMITS, Throttle } from './throttle.js';

export interface SignInCommand extends ShownFactor {
  readonly email: string;
  readonly password: string;
  readonly origin: Origin;
}

/**
 * Starts a session for whoever shows a password and the second factor. Whoever has no second factor yet gets a session in which nothing can be done but
 * to set one up. Neither the answer nor how long it takes tells whether somebody exists.
 * @throws {DomainError} auth.sign_in_failed, auth.code_required, auth.wrong_code, auth.too_many_attempts
 */
@Injectable()
export class SignIn {
  constructor(
    private readonly admins: AdminsStore,
    private readonly secondFactor: SecondFactor,
    private readonly sessions: Sessions,
    private readonly throttle: Throttle,
  ) {}

  async execute(command: SignInCommand): Promise<StartedSession & { readonly admin: AdminRow }> {
    const { origin, code, recoveryCode } = command;
    const email = command.email.toLowerCase();
    await this.throttle.count(LIMITS.address, origin.address);
    await this.throttle.count(LIMITS.person, email, origin.address);
    await this.throttle.count(LIMITS.everywhere, email);
    const { admin, passwordHash } = await this.whose(email, command.password, origin);
    const hasFactor = admin.totpConfirmedAt !== null;
    if (hasFactor && code === undefined && recoveryCode === undefined) throw new DomainError('auth.code_required');
    const start = (): Promise<StartedSession> =>
      this.admins.database.transaction(async (tx) => {
        await this.mustStillHold(tx, admin.id, passwordHash);
        if (hasFactor) await this.secondFactor.take(tx, admin.id, { code, recoveryCode });
        if (hasFactor && recoveryCode !== undefined) await tellAccountSecured(tx, admin, 'recovery_code_used', origin);
        return this.sessions.start(tx, admin, hasFactor, origin);
      });
    const started = hasFactor ? await this.attempt(admin, start, origin) : await start();
    await this.throttle.forgive(LIMITS.person, email, origin.address);
    await this.sessions.untilKnown(started.token, hasFactor);
    return { ...started, admin };
  }

  private async attempt(
    admin: AdminRow,
    start: () => Promise<StartedSession>,
    origin: Origin,
  ): Promise<StartedSession> {
    try {
      return await this.secondFactor.attempt(admin.id, start);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'auth.wrong_code')
        await this.sessions.refused(admin, 'wrong_code', origin);
      throw error;
    }
  }

  /** To check a password takes a while: whoever was disabled or given another meanwhile, and whose sessions were ended, does not begin a new one. */
  private async mustStillHold(tx: Tx, adminId: string, passwordHash: string): Promise<void> {
    const admin = await this.admins.lock(tx, adminId);
    const current = await this.admins.passwordHashOf(tx, adminId);
    if (admin.disabledAt !== null || current !== passwordHash) throw new DomainError('auth.sign_in_failed');
  }

  private async whose(
    email: string,
    password: string,
    origin: Origin,
  ): Promise<{ readonly admin: AdminRow; readonly passwordHash: string }> {
    const admin = await this.admins.findByEmail(this.admins.database, email);
    if (admin === undefined) {
      await isPasswordOfNobody(password);
      throw new DomainError('auth.sign_in_failed');
    }
    const passwordHash = await this.admins.passwordHashOf(this.admins.database, admin.id);
    const right = await isPasswordOf(passwordHash, password);
    if (right && admin.disabledAt === null) return { admin, passwordHash };
    await this.sessions.refused(admin, right ? 'disabled' : 'wrong_password', origin);
    throw new DomainError('auth.sign_in_failed');
  }
}
