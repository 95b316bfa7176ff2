import { Injectable } from '@nestjs/common';
import { parseKey } from '../../kernel/access/key-format.js';
import { AdminsStore } from './admins/admins.store.js';
import { isPasswordOf } from './admins/password.js';
import { AuthStore } from './auth.store.js';

/**
 * Whether credentials still hold according to auth's own tables. Requests are checked by the kernel's guard against its
 * projection; this is for commands that want to go on with credentials they were given earlier.
 */
@Injectable()
export class CheckCredentials {
  constructor(
    private readonly store: AuthStore,
    private readonly admins: AdminsStore,
  ) {}

  /** True for a test or live key of this merchant that works for now. */
  async isKeyOf(merchantId: string, secret: string): Promise<boolean> {
    const parsed = parseKey(secret);
    if (parsed === undefined || parsed.kind === 'admin') return false;
    const key = await this.store.findApiKeyByHash(parsed.hash);
    if (key?.merchantId !== merchantId || key.revokedAt !== null) return false;
    return key.expiresAt === null || key.expiresAt > new Date();
  }

  async isAdminKey(secret: string): Promise<boolean> {
    const parsed = parseKey(secret);
    if (parsed?.kind !== 'admin') return false;
    const key = await this.store.findAdminKeyByHash(parsed.hash);
    return key !== undefined && key.revokedAt === null;
  }

  async isAdminPassword(email: string, password: string): Promise<boolean> {
    const admin = await this.admins.findByEmail(this.admins.database, email.toLowerCase());
    if (admin === undefined) return false;
    return isPasswordOf(await this.admins.passwordHashOf(this.admins.database, admin.id), password);
  }
}
