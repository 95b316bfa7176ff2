import type { Command } from 'commander';
import { encodeId } from '../kernel/ids/ids.js';
import { newMasterKey, readMasterKey } from '../kernel/secrets/master-keys.js';
import type { Resealed } from '../kernel/secrets/reseal.js';
import { Vault } from '../kernel/secrets/vault.js';
import { resealSecondFactors } from '../modules/auth/admins/second-factor.js';
import { SecondFactorStore } from '../modules/auth/admins/second-factor.store.js';
import { resealEndpointSecrets } from '../modules/notification/endpoint-secrets.js';
import { resealMembers } from '../modules/notification/messages/members/member-contact.js';
import { resealContents } from '../modules/notification/messages/message-content.js';
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
  const { accounts, factors, messages, webhooks, members } = await withDatabases(async (databases, env) => {
    const vault = new Vault(env);
    return {
      accounts: await resealGatewayAccounts(databases.of('routing'), vault),
      factors: await resealSecondFactors(new SecondFactorStore(databases), vault),
      messages: await resealContents(databases.of('notification'), vault),
      webhooks: await resealEndpointSecrets(databases.of('notification'), vault),
      members: await resealMembers(databases.of('notification'), vault),
    };
  });
  print({
    object: 'master_key_rotation',
    gateway_accounts: counted(accounts),
    second_factors: counted(factors),
    messages: counted(messages),
    webhook_secrets: counted(webhooks),
    merchant_members: counted(members),
  });
  const [account] = accounts.failed;
  if (account !== undefined)
    throw new CommandError(
      `The credentials of gateway account ${encodeId('gatewayAccount', account.id)} cannot be opened: ${account.problem}`,
    );
  const [factor] = factors.failed;
  if (factor !== undefined)
    throw new CommandError(
      `The second factor of admin ${encodeId('admin', factor.id)} cannot be opened: ${factor.problem}`,
    );
  const [message] = messages.failed;
  if (message !== undefined)
    throw new CommandError(`Message ${encodeId('message', message.id)} cannot be opened: ${message.problem}`);
  const [webhook] = webhooks.failed;
  if (webhook !== undefined)
    throw new CommandError(
      `A secret of webhook endpoint ${encodeId('webhookEndpoint', webhook.id)} cannot be opened: ${webhook.problem}`,
    );
  const [member] = members.failed;
  if (member !== undefined)
    throw new CommandError(
      `The contact of merchant's member ${encodeId('merchantMember', member.id)} cannot be opened: ${member.problem}`,
    );
}

function counted(result: Resealed): Readonly<Record<string, number>> {
  return { resealed: result.resealed, current: result.current, failed: result.failed.length };
}
