/** The command line: `npm run cli -- <command>`. Settings come from the environment, as for the app. */
import 'reflect-metadata';
import { Command } from 'commander';
import { DomainError } from '../kernel/errors/domain-error.js';
import { describeError } from '../kernel/errors/describe.js';
import { ERROR_REGISTRY } from '../kernel/errors/registry.js';
import { addAdminCommands } from './admin.js';
import { addAdminKeyCommands } from './admin-key.js';
import { addAuditCommands } from './audit.js';
import { addApiKeyCommands } from './api-key.js';
import { addDeadLettersCommands } from './dead-letters.js';
import { addDocsCommands } from './docs.js';
import { addGatewayAccountCommands } from './gateway-account.js';
import { addLedgerCommands } from './ledger.js';
import { addMasterKeyCommands } from './master-key.js';
import { addMerchantCommands } from './merchant.js';
import { addMigrateCommand } from './migrate.js';
import { addOpenApiCommand } from './openapi.js';
import { addReconcileCommands } from './reconcile.js';

const program = new Command('npm run cli --').description('Sankofa: administration from the command line');
addMerchantCommands(program);
addApiKeyCommands(program);
addAdminCommands(program);
addAdminKeyCommands(program);
addAuditCommands(program);
addGatewayAccountCommands(program);
addMasterKeyCommands(program);
addMigrateCommand(program);
addDeadLettersCommands(program);
addReconcileCommands(program);
addLedgerCommands(program);
addDocsCommands(program);
addOpenApiCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  // One line, never a stack: whoever reads it gave a command.
  const text = error instanceof DomainError ? (error.detail ?? ERROR_REGISTRY[error.code].title) : describeError(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
