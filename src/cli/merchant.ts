import type { Command } from 'commander';
import { newId } from '../kernel/ids/ids.js';
import { AuthStore } from '../modules/auth/auth.store.js';
import { viewMerchant } from '../modules/auth/auth.views.js';
import { CreateMerchant } from '../modules/auth/create-merchant.js';
import { integer, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

const MAX_FEE_BPS = 10_000;

export function addMerchantCommands(program: Command): void {
  const merchant = program.command('merchant').description('merchants');
  merchant
    .command('create')
    .description('take a merchant on')
    .requiredOption('--name <name>', 'its name', name)
    .requiredOption(
      '--platform-fee-bps <bps>',
      'our fee, in basis points of each captured amount',
      integer(0, MAX_FEE_BPS),
    )
    .action(async (options: { name: string; platformFeeBps: number }) => {
      await withDatabases(async (databases) => {
        const create = new CreateMerchant(new AuthStore(databases));
        print(viewMerchant(await create.execute({ ...options, correlationId: newId('request') })));
      });
    });
}
