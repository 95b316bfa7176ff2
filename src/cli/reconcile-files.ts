/** `reconcile upload`, `mappings` and `sources`: files from this machine, straight into the database. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Database } from '../kernel/database/database.js';
import { codeOf } from '../kernel/errors/describe.js';
import { DomainError } from '../kernel/errors/domain-error.js';
import { everyMapping } from '../modules/reconciliation/mappings/mappings.js';
import { shownMapping } from '../modules/reconciliation/mappings/mapping.views.js';
import type { RecordKind } from '../modules/reconciliation/records/record.js';
import { publishSource } from '../modules/reconciliation/sources/publish-source.js';
import { shownInspection, shownSource, shownSourceInFull } from '../modules/reconciliation/sources/source.views.js';
import { listSources, runsOfSource } from '../modules/reconciliation/sources/sources.store.js';
import {
  accountOfFile,
  mustFindSource,
  previewFile,
  takeUpload,
  windowOf,
  type FileToTake,
} from '../modules/reconciliation/sources/uploads.js';
import { idOf, integer, time } from './arguments.js';
import { CommandError } from './command-error.js';
import { print, withDatabases } from './with-databases.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** Between two lines about how far an upload is, in ms. */
const TELL_EVERY_MS = 1_000;

interface UploadOptions {
  readonly gatewayAccount?: string;
  readonly bank: boolean;
  readonly bankAccount?: string;
  readonly test: boolean;
  readonly mapping?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly asOf?: Date;
  readonly covers?: readonly RecordKind[];
  readonly preview: boolean;
}

export function addFileCommands(reconcile: Command): void {
  reconcile
    .command('upload')
    .description("takes in a gateway's own export, or a bank's statement (--bank), whole or not at all")
    .argument('<file>', 'the file')
    .option('--gateway-account <id>', 'whose export it is (gwa_...)', idOf('gatewayAccount'))
    .option('--bank', 'it is a statement of a bank, in CSV or camt.053', false)
    .option('--bank-account <number>', 'IBAN or number, of a statement that does not say it')
    .option('--test', 'of a statement: it is of test mode', false)
    .option('--mapping <id>', 'how it is read (reconcile mappings); else whichever reads it without doubt')
    .option('--from <time>', 'the file has everything from here on, inclusive; else from its first line on', time)
    .option('--to <time>', 'exclusive; else to its last line', time)
    .option('--as-of <time>', 'when the file was made, if not now', time)
    .option('--covers <kinds>', 'payment,refund,payout: of what it has everything; else of what it has lines', kinds)
    .option('--preview', 'only show how its first rows would be read', false)
    .action(async (file: string, options: UploadOptions) => {
      await withDatabases((databases) => upload(databases.of('reconciliation'), file, options));
    });
  reconcile
    .command('mappings')
    .description("how exports are read: the house's own mappings, and those that are shipped")
    .action(async () => {
      await withDatabases(async (databases) => {
        print({ data: (await everyMapping(databases.of('reconciliation'))).map(shownMapping) });
      });
    });
  reconcile
    .command('sources')
    .description('where lines came from, newest first')
    .option('--gateway-account <id>', 'of one account (gwa_...)', idOf('gatewayAccount'))
    .option('--limit <n>', 'how many', integer(1, MAX_LIMIT), DEFAULT_LIMIT)
    .action(async ({ gatewayAccount, limit }: { gatewayAccount?: string; limit: number }) => {
      await withDatabases(async (databases) => {
        const any = { kind: null, state: null, livemode: null, before: null, after: null };
        const filter = { ...any, gatewayAccountId: gatewayAccount ?? null, limit };
        const sources = await listSources(databases.of('reconciliation'), filter);
        print({ data: sources.map(shownSource) });
      });
    });
}

async function upload(database: Database, file: string, options: UploadOptions): Promise<void> {
  const size = await sizeOf(file);
  if ((options.gatewayAccount === undefined) !== options.bank)
    throw new CommandError('Give either --gateway-account or --bank.');
  const asked = await fileOf(database, file, options);
  try {
    if (options.preview) {
      const gateway = asked.kind === 'file' ? asked.account.gateway : null;
      const of = { gateway, mapping: options.mapping, rows: undefined };
      print(shownInspection(await previewFile(database, createReadStream(file), of)));
      return;
    }
    const told = new Progress(size);
    const id = await takeUpload(database, told.reading(createReadStream(file)), asked, (lines) => told.staged(lines));
    await publishSource(database, id, undefined, (lines) => told.published(lines));
    const source = await mustFindSource(database, id);
    told.end(source.staged);
    print(shownSourceInFull(source, await runsOfSource(database, id)));
  } catch (error) {
    if (!(error instanceof DomainError) || error.errors.length === 0) throw error;
    throw new CommandError(error.errors.map(({ pointer, detail }) => detail ?? pointer).join('\n'));
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new CommandError(`There is no file ${file}.`);
    throw error;
  }
}

async function fileOf(database: Database, file: string, options: UploadOptions): Promise<FileToTake> {
  const { mapping, gatewayAccount } = options;
  const common = { name: path.basename(file), mapping, asOf: options.asOf ?? null, requestedBy: null };
  if (gatewayAccount === undefined)
    return { kind: 'bank', ...common, account: options.bankAccount, livemode: !options.test };
  return {
    kind: 'file',
    ...common,
    account: await accountOfFile(database, gatewayAccount),
    window: windowOf(options.from, options.to),
    covers: options.covers,
  };
}

const PERCENT = 100;

/** How far an upload is, on stderr: stdout is the answer. */
class Progress {
  private bytes = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly size: number) {}

  async *reading(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  staged(lines: number): void {
    const share = this.size === 0 ? PERCENT : Math.floor((this.bytes / this.size) * PERCENT);
    this.tell(`read ${share}%: ${lines} lines staged`);
  }

  published(lines: number): void {
    this.tell(`whole: ${lines} lines visible`);
  }

  end(lines: number): void {
    process.stderr.write(`committed: ${lines} lines\n`);
  }

  private tell(text: string): void {
    const now = performance.now();
    if (now - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = now;
    process.stderr.write(`${text}\n`);
  }
}

function kinds(text: string): readonly RecordKind[] {
  const named = text.split(',');
  const known = (['payment', 'refund', 'payout'] as const).filter((kind) => named.includes(kind));
  if (known.length !== new Set(named).size)
    throw new InvalidArgumentError('It must be some of payment, refund and payout, separated by commas.');
  return known;
}
