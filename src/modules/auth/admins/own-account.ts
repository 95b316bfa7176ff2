import { Injectable } from '@nestjs/common';
import type { SessionPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { tellAccountSecured } from './account-notices.js';
import { AdminsStore, type AdminRow } from './admins.store.js';
import { hashPassword, isPasswordOf, mustBeGoodPassword } from './password.js';
import { SecondFactor, type NewSecondFactor, type ShownFactor } from './second-factor.js';
import { Sessions, type Cause } from './sessions.js';
import { LIMITS, Throttle } from './throttle.js';

/** What people do about themselves. */
@Injectable()
export class OwnAccount {
  constructor(
    private readonly admins: AdminsStore,
    private readonly secondFactor: SecondFactor,
    private readonly sessions: Sessions,
    private readonly throttle: Throttle,
  ) {}

  /** @throws {DomainError} admin.not_found */
  async read(person: SessionPrincipal): Promise<AdminRow> {
    const admin = await this.admins.find(this.admins.database, person.id);
    if (admin === undefined) throw new DomainError('admin.not_found');
    return admin;
  }

  /** See {@link SecondFactor.begin}. */
  async beginSecondFactor(person: SessionPrincipal): Promise<NewSecondFactor> {
    return this.secondFactor.begin(await this.read(person));
  }

  /**
   * From now on the session may do what its person may.
   * @returns recovery codes, which are shown this once
   */
  async confirmSecondFactor(person: SessionPrincipal, code: string, cause: Cause): Promise<readonly string[]> {
    const admin = await this.read(person);
    const codes = await this.secondFactor.attempt(person.id, () =>
      this.admins.database.transaction(async (tx) => {
        const made = await this.secondFactor.confirm(tx, person.id, code);
        await this.sessions.prove(tx, person.session.id, cause);
        await tellAccountSecured(tx, admin, 'second_factor_set_up', cause);
        return made;
      }),
    );
    await this.sessions.untilKnown(person.session.token, true);
    return codes;
  }

  /** Shows the second factor anew, so that things can be authorised for a while. */
  async prove(person: SessionPrincipal, shown: ShownFactor, cause: Cause): Promise<void> {
    await this.secondFactor.attempt(person.id, () =>
      this.admins.database.transaction(async (tx) => {
        await this.secondFactor.take(tx, person.id, shown);
        await this.sessions.prove(tx, person.session.id, cause);
      }),
    );
    await this.sessions.untilKnown(person.session.token, true);
  }

  /**
   * New recovery codes instead of those there are.
   * @throws {DomainError} auth.step_up_required
   */
  async renewRecoveryCodes(person: SessionPrincipal): Promise<readonly string[]> {
    if (!person.session.provedLately) throw new DomainError('auth.step_up_required');
    return this.admins.database.transaction((tx) => this.secondFactor.newRecoveryCodes(tx, person.id));
  }

  /**
   * Ends all other sessions of the person.
   * @throws {DomainError} auth.step_up_required, auth.wrong_password, request.invalid
   */
  async changePassword(
    person: SessionPrincipal,
    passwords: { readonly current: string; readonly next: string },
    cause: Cause,
  ): Promise<void> {
    if (!person.session.provedLately) throw new DomainError('auth.step_up_required');
    const admin = await this.read(person);
    await this.throttle.count(LIMITS.everywhere, admin.email);
    if (!(await isPasswordOf(await this.admins.passwordHashOf(this.admins.database, admin.id), passwords.current)))
      throw new DomainError('auth.wrong_password');
    mustBeGoodPassword(passwords.next, admin.email, '/new_password');
    const passwordHash = await hashPassword(passwords.next);
    await this.admins.database.transaction(async (tx) => {
      await this.admins.setPassword(tx, admin.id, passwordHash);
      await this.sessions.end(tx, { adminId: admin.id, but: person.session.id, reason: 'password_changed' }, cause);
      await tellAccountSecured(tx, admin, 'password_changed', cause);
    });
  }

  async signOut(person: SessionPrincipal, cause: Cause): Promise<void> {
    await this.admins.database.transaction((tx) =>
      this.sessions.end(tx, { adminId: person.id, id: person.session.id, reason: 'signed_out' }, cause),
    );
  }
}
