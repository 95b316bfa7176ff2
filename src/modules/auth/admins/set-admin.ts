import { Injectable } from '@nestjs/common';
import { newUuid } from '../../../kernel/ids/ids.js';
import { AdminsStore, type AdminRow } from './admins.store.js';
import { hashPassword } from './password.js';
import { Sessions, type Cause } from './sessions.js';

export interface SetAdminCommand extends Pick<AdminRow, 'email' | 'name' | 'role'> {
  readonly password: string;
}

/** Makes a person without asking them, or gives one who is there a new password, which ends their sessions. For what sets a place up. */
@Injectable()
export class SetAdmin {
  constructor(
    private readonly admins: AdminsStore,
    private readonly sessions: Sessions,
  ) {}

  async execute({ email, name, role, password }: SetAdminCommand, cause: Cause): Promise<void> {
    const passwordHash = await hashPassword(password);
    await this.admins.database.transaction(async (tx) => {
      await this.admins.lockTeam(tx);
      const known = await this.admins.findByEmail(tx, email.toLowerCase());
      if (known === undefined) {
        const made = { id: newUuid(), email: email.toLowerCase(), name, role, passwordHash };
        await this.sessions.announce(tx, [await this.admins.insert(tx, made)], cause);
        return;
      }
      await this.admins.setPassword(tx, known.id, passwordHash);
      await this.sessions.end(tx, { adminId: known.id, reason: 'password_changed' }, cause);
    });
  }
}
