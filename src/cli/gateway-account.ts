import { InvalidArgumentError, Option, type Command } from 'commander';
import { Vault } from '../kernel/secrets/vault.js';
import { upsertGatewayAccount } from '../modules/routing/gateway-accounts.js';
import { feeSchedules, type FeeSchedule } from '../modules/routing/fees/fee-model.js';
import { DEFAULT_BASE_URLS } from '../modules/routing/gateways/index.js';
import { CommandError } from './command-error.js';
import { credential, httpUrl, idOf, integer, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

interface UpsertOptions {
  readonly gateway: string;
  readonly name: string;
  readonly mode: 'test' | 'live';
  readonly baseUrl?: string;
  readonly credential: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly merchant?: string;
  readonly disabled?: boolean;
  readonly fees?: readonly FeeSchedule[];
}

const MAX_PRIORITY = 1_000;

export function addGatewayAccountCommands(program: Command): void {
  const account = program.command('gateway-account').description('accounts at gateways');
  account
    .command('upsert')
    .description('make an account, or change the one of that gateway and name')
    .addOption(
      new Option('--gateway <gateway>', 'which gateway').choices(Object.keys(DEFAULT_BASE_URLS)).makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'names it in webhook addresses: /webhooks/<gateway>/<name>', name)
    .addOption(new Option('--mode <mode>', 'test or live').choices(['test', 'live']).makeOptionMandatory())
    .option('--base-url <url>', "where the gateway answers (default: the gateway's production)", httpUrl)
    .option('--credential <name=value>', 'may be given several times', credential, {})
    .option('--priority <n>', 'lower is tried first', integer(1, MAX_PRIORITY), 1)
    .option('--merchant <id>', 'for this merchant only (mer_...)', idOf('merchant'))
    .option('--disabled', 'keep it, but send nothing new through it')
    .option(
      '--fees <json>',
      'what the gateway keeps: [{"currency":"NGN","method":"card","fee":{"tiers":[{"percent_bps":150,"flat":10000}]}}]',
      feesOf,
    )
    .action(async (options: UpsertOptions) => {
      await withDatabases(async (databases, env) => {
        await upsertGatewayAccount(databases.of('routing'), new Vault(env), {
          merchantId: options.merchant ?? null,
          livemode: options.mode === 'live',
          gateway: options.gateway,
          name: options.name,
          baseUrl: options.baseUrl ?? productionOf(options.gateway),
          credentials: options.credential,
          priority: options.priority,
          enabled: options.disabled !== true,
          ...(options.fees === undefined ? {} : { fees: options.fees }),
        });
        print({
          object: 'gateway_account',
          gateway: options.gateway,
          name: options.name,
          enabled: options.disabled !== true,
        });
      });
    });
}

function feesOf(text: string): readonly FeeSchedule[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It must be JSON.');
  }
  const parsed = feeSchedules.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidArgumentError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not understood'}.`);
}

function productionOf(gateway: string): string {
  const url = DEFAULT_BASE_URLS[gateway];
  if (url === undefined) throw new CommandError(`${gateway} has no address of its own: give --base-url`);
  return url;
}
