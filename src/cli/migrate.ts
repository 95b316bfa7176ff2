import type { Command } from 'commander';
import { migrate } from '../kernel/database/migrator.js';
import { print, readEnvWithDatabase } from './with-databases.js';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('apply the migrations that the database does not have yet')
    .action(async () => {
      const env = await readEnvWithDatabase();
      const { applied } = await migrate(env.databaseUrl, (line) => process.stderr.write(`${line}\n`));
      print({ applied });
    });
}
