import { Option, type Command } from 'commander';
import { newId } from '../kernel/ids/ids.js';
import { AuthStore } from '../modules/auth/auth.store.js';
import { viewApiKey } from '../modules/auth/auth.views.js';
import { CreateApiKey } from '../modules/auth/create-api-key.js';
import { RevokeApiKey } from '../modules/auth/revoke-api-key.js';
import { idOf, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

export function addApiKeyCommands(program: Command): void {
  const apiKey = program.command('api-key').description("merchants' API keys");
  apiKey
    .command('create')
    .description('make a key; its secret is shown this once')
    .requiredOption('--merchant <id>', 'whose key (mer_...)', idOf('merchant'))
    .addOption(new Option('--mode <mode>', 'test or live').choices(['test', 'live']).makeOptionMandatory())
    .option('--name <name>', 'what it is for', name)
    .action(async (options: { merchant: string; mode: 'test' | 'live'; name?: string }) => {
      await withDatabases(async (databases) => {
        const { key, secret } = await new CreateApiKey(new AuthStore(databases)).execute({
          merchantId: options.merchant,
          livemode: options.mode === 'live',
          name: options.name ?? null,
          correlationId: newId('request'),
        });
        print({ ...viewApiKey(key), secret });
      });
    });
  apiKey
    .command('revoke')
    .description('revoke a key for ever')
    .argument('<id>', 'the key (key_...)', idOf('apiKey'))
    .action(async (keyId: string) => {
      await withDatabases(async (databases) => {
        const revoke = new RevokeApiKey(new AuthStore(databases));
        print(viewApiKey(await revoke.execute({ keyId, correlationId: newId('request') })));
      });
    });
}
