import type { Command } from 'commander';
import { encodeId } from '../kernel/ids/ids.js';
import { newMasterKey, readMasterKey } from '../kernel/secrets/master-keys.js';
import { Vault } from '../kernel/secrets/vault.js';
import { resealGatewayAccounts } from '../modules/routing/gateway-accounts.js';
import { CommandError } from './command-error.js';
import { print, withDatabases } from './with-databases.js';

export function addMasterKeyCommands(program: Command): void {
  const masterKey = program
    .command('master-key')
    .description('the keys under which secrets are sealed in the database');
  masterKey
    .command('new')
    .description('makes a key for MASTER_KEYS; it is kept nowhere')
    .action(() => {
      const key = newMasterKey();
      print({ object: 'master_key', id: readMasterKey(key).id, key });
    });
  masterKey
    .command('rotate')
    .description('seals anew, under the first of MASTER_KEYS, whatever is not; then the others can be taken away')
    .action(rotate);
}

async function rotate(): Promise<void> {
  const { resealed, current, failed } = await withDatabases((databases, env) =>
    resealGatewayAccounts(databases.of('routing'), new Vault(env)),
  );
  print({ object: 'master_key_rotation', gateway_accounts: { resealed, current, failed: failed.length } });
  const [first] = failed;
  if (first !== undefined)
    throw new CommandError(
      `The credentials of gateway account ${encodeId('gatewayAccount', first.id)} cannot be opened: ${first.problem}`,
    );
}
