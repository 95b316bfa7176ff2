import { InvalidArgumentError, type Command } from 'commander';
import { viewVerdict } from '../modules/auth/audit/audit.controller.js';
import { AuditStore } from '../modules/auth/audit/audit.store.js';
import { readHead, verifyAudit, type KeptHead } from '../modules/auth/audit/verify-audit.js';
import { CommandError } from './command-error.js';
import { print, withDatabases } from './with-databases.js';

export function addAuditCommands(program: Command): void {
  program
    .command('audit')
    .description('the log of what admins did')
    .command('verify')
    .description('computes every hash again; fails when an entry was changed, taken out, or cut off')
    .option('--head <seq:hash>', 'a head of an earlier time, kept elsewhere: it must still be there', head)
    .action(async (options: { head?: KeptHead }) => {
      await withDatabases(async (databases) => {
        const verdict = viewVerdict(await verifyAudit(new AuditStore(databases), options.head));
        print(verdict);
        if (!verdict.holds) throw new CommandError('The audit log does not hold.');
      });
    });
}

function head(text: string): KeptHead {
  const read = readHead(text);
  if (read === undefined) throw new InvalidArgumentError('It must be <seq>:<hash>.');
  return read;
}
