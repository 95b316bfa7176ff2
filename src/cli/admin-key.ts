import type { Command } from 'commander';
import { encodeId, newId } from '../kernel/ids/ids.js';
import { AuthStore, type AdminKeyRow } from '../modules/auth/auth.store.js';
import { CreateAdminKey } from '../modules/auth/create-admin-key.js';
import { RevokeAdminKey } from '../modules/auth/revoke-admin-key.js';
import { idOf, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

export function addAdminKeyCommands(program: Command): void {
  const adminKey = program.command('admin-key').description('keys of the admin API');
  adminKey
    .command('create')
    .description('make a key; its secret is shown this once')
    .requiredOption('--name <name>', 'who or what it is for', name)
    .action(async (options: { name: string }) => {
      await withDatabases(async (databases) => {
        const create = new CreateAdminKey(new AuthStore(databases));
        const { key, secret } = await create.execute({ name: options.name, correlationId: newId('request') });
        print({ ...viewAdminKey(key), secret });
      });
    });
  adminKey
    .command('revoke')
    .description('revoke a key for ever')
    .argument('<id>', 'the key (adk_...)', idOf('adminKey'))
    .action(async (keyId: string) => {
      await withDatabases(async (databases) => {
        const revoke = new RevokeAdminKey(new AuthStore(databases));
        print(viewAdminKey(await revoke.execute({ keyId, correlationId: newId('request') })));
      });
    });
}

function viewAdminKey(row: AdminKeyRow): Readonly<Record<string, string | null>> {
  return {
    object: 'admin_key',
    id: encodeId('adminKey', row.id),
    name: row.name,
    last4: row.last4,
    created_at: row.createdAt.toISOString(),
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}
