import { Option, type Command } from 'commander';
import { SCOPES, type Scope } from '../kernel/access/scopes.js';
import { newId } from '../kernel/ids/ids.js';
import { AuthStore } from '../modules/auth/auth.store.js';
import { viewApiKey } from '../modules/auth/auth.views.js';
import { CreateApiKey } from '../modules/auth/create-api-key.js';
import { RevokeApiKey } from '../modules/auth/revoke-api-key.js';
import { MAX_OVERLAP_SECONDS, OVERLAP_SECONDS, RollApiKey } from '../modules/auth/roll-api-key.js';
import { idOf, integer, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

export function addApiKeyCommands(program: Command): void {
  const apiKey = program.command('api-key').description("merchants' API keys");
  apiKey
    .command('create')
    .description('make a key; its secret is shown this once')
    .requiredOption('--merchant <id>', 'whose key (mer_...)', idOf('merchant'))
    .addOption(new Option('--mode <mode>', 'test or live').choices(['test', 'live']).makeOptionMandatory())
    .option('--name <name>', 'what it is for', name)
    .addOption(new Option('--scope <scope...>', 'what it is limited to (default: everything)').choices(SCOPES))
    .action(async (options: { merchant: string; mode: 'test' | 'live'; name?: string; scope?: readonly Scope[] }) => {
      await withDatabases(async (databases) => {
        const { key, secret } = await new CreateApiKey(new AuthStore(databases)).execute({
          merchantId: options.merchant,
          livemode: options.mode === 'live',
          name: options.name ?? null,
          scopes: options.scope ?? null,
          correlationId: newId('request'),
        });
        print({ ...viewApiKey(key), secret });
      });
    });
  apiKey
    .command('roll')
    .description(
      'make a key that takes the place of another, which works on for a while; its secret is shown this once',
    )
    .argument('<id>', 'the old key (key_...)', idOf('apiKey'))
    .option(
      '--overlap <seconds>',
      'for how long the old key works on',
      integer(0, MAX_OVERLAP_SECONDS),
      OVERLAP_SECONDS,
    )
    .action(async (keyId: string, { overlap: overlapSeconds }: { overlap: number }) => {
      await withDatabases(async (databases) => {
        const roll = new RollApiKey(new AuthStore(databases));
        const { key, secret } = await roll.execute({ keyId, overlapSeconds, correlationId: newId('request') });
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
