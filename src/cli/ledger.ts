import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { headSigned } from '../contracts/ledger.events.js';
import { encodeId } from '../kernel/ids/ids.js';
import { keyRing, readHead, readPublicKey, writePublicKey, type Head } from '../modules/ledger/proof/chain/head.js';
import { loadKeyRing, newPrivateKey, readPrivateKey } from '../modules/ledger/proof/chain/signing-key.js';
import { checkProof } from '../modules/ledger/proof/statement/check-proof.js';
import { proveStatement } from '../modules/ledger/proof/statement/prove-statement.js';
import { statementProof } from '../modules/ledger/proof/statement/statement-proof.js';
import { linesOf, verifyLedger, viewVerification } from '../modules/ledger/proof/verify/verify.js';
import { idOf } from './arguments.js';
import { CommandError } from './command-error.js';
import { print, readEnvWithDatabase, withDatabases } from './with-databases.js';

/** Between two lines of progress, in ms. */
const PROGRESS_EVERY_MS = 1_000;
/** Of a proof, whose file has a kilobyte for each. */
const MOST_ENTRIES = 100_000;

interface VerifyArguments {
  readonly head?: string;
  readonly key: readonly string[];
  readonly account?: string;
  readonly fromBlock?: bigint;
  readonly json: boolean;
}

export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description("the ledger's proof");
  ledger
    .command('verify')
    .description(
      'finds whatever was done to entries, transfers, accounts or the chain itself; 0 when nothing was, 1 otherwise',
    )
    .option(
      '--head <file>',
      'a signed head that was kept elsewhere: shows whether the chain was rewritten or cut short since',
    )
    .option(
      '--key <public key>',
      'one whose signatures count besides those that are set; may be given several times',
      collect,
      [],
    )
    .option('--account <id>', 'only that account (acct_...)', idOf('account'))
    .option('--from-block <height>', 'only blocks from there on', height)
    .option('--json', 'the answer as JSON', false)
    .action(verify);
  ledger
    .command('prove')
    .description('writes a proof of a statement, which `check-proof` checks without a database')
    .requiredOption('--account <id>', 'the account (acct_...)', idOf('account'))
    .option('--from <time>', 'the first moment that counts (RFC 3339); left out: from the first entry on')
    .option('--to <time>', 'the first moment that counts no more; left out: now')
    .option(
      '--to-head',
      'with all headers up to the newest head, to be checked against a head that was kept elsewhere',
      false,
    )
    .action(prove);
  ledger
    .command('check-proof')
    .description('checks a proof with a public key and nothing else; 0 when it proves what it says, 1 otherwise')
    .argument('<file>', 'the proof')
    .requiredOption('--key <public key>', 'of whoever signed it; may be given several times', collect, [])
    .option('--head <file>', 'a signed head that was kept elsewhere')
    .action(check);
  ledger
    .command('new-key')
    .description('makes a key for LEDGER_SIGNING_KEY, and shows what others need to check its signatures')
    .action(() => {
      const secret = newPrivateKey();
      const { id, publicKey } = readPrivateKey(secret);
      print({ LEDGER_SIGNING_KEY: secret, public_key: writePublicKey(publicKey), key_id: id });
    });
}

async function verify(options: VerifyArguments): Promise<void> {
  const head = options.head === undefined ? undefined : await headOf(options.head);
  const keys = new Map([...(await loadKeyRing(await readEnvWithDatabase())), ...keyRing(options.key.map(publicKey))]);
  let toldAt = Number.NEGATIVE_INFINITY;
  const verification = await withDatabases((databases) =>
    verifyLedger({
      database: databases.of('ledger'),
      keys,
      head,
      account: options.account,
      fromBlock: options.fromBlock,
      progress: (line) => {
        if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
        toldAt = performance.now();
        process.stderr.write(`${line}\n`);
      },
    }),
  );
  const view = viewVerification(verification);
  if (options.json) print(view);
  else process.stdout.write(`${linesOf(view).join('\n')}\n`);
  if (!view.sound) process.exitCode = 1;
}

async function prove(options: { account: string; from?: string; to?: string; toHead: boolean }): Promise<void> {
  const proof = await withDatabases((databases) =>
    proveStatement(databases.of('ledger'), {
      account: options.account,
      period: { from: options.from, to: options.to },
      after: undefined,
      limit: MOST_ENTRIES,
      withTransfers: true,
      withHeaders: options.toHead,
    }),
  );
  if (proof.has_more) throw new CommandError(`the period has more than ${MOST_ENTRIES} entries: choose a shorter one`);
  print(proof);
}

async function check(file: string, options: { key: readonly string[]; head?: string }): Promise<void> {
  const kept = options.head === undefined ? undefined : await headOf(options.head);
  const parsed = statementProof.safeParse(jsonOf(await textOf(file)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(`${file} is no proof: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { faults, opening, closing } = checkProof(parsed.data, keyRing(options.key.map(publicKey)), kept);
  const { account, entries } = parsed.data;
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(
    faults.length === 0
      ? `proved: ${entries.length} entries of ${encodeId('account', account.account.id)}, from ${opening} to ${closing} ${account.account.currency} in minor units\n`
      : `not proved: ${faults.length} faults\n`,
  );
  if (faults.length > 0) process.exitCode = 1;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file} cannot be read`);
  });
}

/** As the API, the log or the event has it, by itself or within what the API answers. */
async function headOf(file: string): Promise<Head> {
  const text = await textOf(file);
  const parsed = z.union([headSigned.schema, z.object({ head: headSigned.schema })]).safeParse(jsonOf(text));
  if (!parsed.success) throw new CommandError(`${file} does not hold a signed head`);
  return readHead('head' in parsed.data ? parsed.data.head : parsed.data);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError('it is no JSON');
  }
}

function publicKey(text: string) {
  try {
    return readPublicKey(text);
  } catch {
    throw new CommandError('--key takes a public key of 32 bytes as base64url');
  }
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

function height(text: string): bigint {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return BigInt(text);
}
