import type { Command } from 'commander';
import { encodeId, newId } from '../kernel/ids/ids.js';
import { AuthStore, type AdminKeyRow } from '../modules/auth/auth.store.js';
import { RolesStore } from '../modules/auth/admins/roles.store.js';
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
    .option('--role <role>', 'what it may do: all that a role may; everything where there is none')
    .action(async (options: { name: string; role?: string }) => {
      await withDatabases(async (databases) => {
        const roles = new RolesStore(databases);
        const permissions =
          options.role === undefined ? null : (await roles.get(roles.database, options.role)).permissions;
        const create = new CreateAdminKey(new AuthStore(databases));
        const command = { name: options.name, permissions, correlationId: newId('request') };
        const { key, secret } = await create.execute(command);
        print({ ...viewAdminKey(key), secret });
      });
    });
  adminKey
    .command('revoke')
    .description('revoke a key for ever')
    .argument('<id>', 'the key (adm_...)', idOf('admin'))
    .action(async (keyId: string) => {
      await withDatabases(async (databases) => {
        const revoke = new RevokeAdminKey(new AuthStore(databases));
        print(viewAdminKey(await revoke.execute({ keyId, correlationId: newId('request') })));
      });
    });
}

function viewAdminKey(row: AdminKeyRow): Readonly<Record<string, unknown>> {
  return {
    object: 'admin_key',
    id: encodeId('admin', row.id),
    name: row.name,
    last4: row.last4,
    permissions: row.permissions,
    created_at: row.createdAt.toISOString(),
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}
