import { Injectable } from '@nestjs/common';
import { newUuid } from '../../kernel/ids/ids.js';
import { AuthStore } from './auth.store.js';
import { hashPassword } from './password.js';

/** Creates a back-office user, or gives an existing one a new password. */
@Injectable()
export class SetAdminPassword {
  constructor(private readonly store: AuthStore) {}

  async execute(command: { readonly email: string; readonly password: string }): Promise<void> {
    const passwordHash = await hashPassword(command.password);
    await this.store.upsertAdminUser({ id: newUuid(), email: command.email.toLowerCase(), passwordHash });
  }
}
