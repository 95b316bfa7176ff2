import type { Command } from 'commander';
import { migrateAll } from '../kernel/database/migrator.js';
import { findEveryHome, print, readEnvWithDatabase } from './with-databases.js';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('apply the migrations that a database does not have yet, to all of them')
    .action(async () => {
      const homes = await findEveryHome(await readEnvWithDatabase());
      print({ applied: await migrateAll(homes, (line) => process.stderr.write(`${line}\n`)) });
    });
}
