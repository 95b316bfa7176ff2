/** The use cases around a file, for the API and the command line alike. */
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { Database } from '../../../kernel/database/database.js';
import { FileRefused, inspectFile, isXml, peek, type ByteSource, type Inspection } from '../files/index.js';
import { candidatesFor } from '../mappings/choose-mapping.js';
import { mappingOf } from '../mappings/mappings.js';
import { findAccount, type KnownAccount } from '../runs/runs.store.js';
import { daysOf, MAX_DAYS, type Span } from './coverage.js';
import { gatewayFile, type GatewayFile } from './gateway-file.js';
import { fileRefused } from './refusals.js';
import { findSource, type Source } from './sources.store.js';
import { statementFile, type StatementFile } from './statement-file.js';
import { takeFile } from './take-file.js';

/** @throws {DomainError} `reconciliation.account_unknown` */
export async function accountOfFile(database: Database, gatewayAccountId: string): Promise<KnownAccount> {
  const account = await findAccount(database, gatewayAccountId);
  if (account === undefined) throw new DomainError('reconciliation.account_unknown');
  return account;
}

/**
 * Both or neither.
 * @throws {DomainError} `request.invalid_parameter`
 */
export function windowOf(from: Date | undefined, to: Date | undefined): Span | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined)
    throw new DomainError('request.invalid_parameter', {
      errors: [{ pointer: from === undefined ? 'from' : 'to', code: 'missing', detail: 'both or neither' }],
    });
  const days = daysOf({ from, to });
  if (days <= 0 || days > MAX_DAYS)
    throw new DomainError('request.invalid_parameter', {
      errors: [{ pointer: 'to', code: 'window', detail: `must be after from, by ${MAX_DAYS} days at most` }],
    });
  return { from, to };
}

/**
 * A look at the head of a file: how it would be read, and what is wrong with its first rows.
 * @param of the gateway whose mappings are tried; null for banks
 * @throws {DomainError} `reconciliation.file_refused` when it is no text, `reconciliation.mapping_not_found`, `reconciliation.mapping_unclear`
 */
export async function previewFile(
  database: Database,
  bytes: ByteSource,
  of: { readonly gateway: string | null; readonly mapping: string | undefined; readonly rows: number | undefined },
): Promise<Inspection> {
  const candidates =
    of.mapping === undefined
      ? await candidatesFor(database, of.gateway)
      : [await mappingOf(database, of.mapping)].filter(({ gateway }) => gateway === of.gateway);
  if (of.mapping !== undefined && candidates.length === 0) throw new DomainError('reconciliation.mapping_not_found');
  const { head, headBytes, close } = await peek(bytes);
  try {
    if (candidates.length === 0 && !isXml(headBytes)) throw new DomainError('reconciliation.mapping_unclear');
    const mappings = candidates.map(({ mapping }) => mapping);
    return await inspectFile(head, of.rows === undefined ? { mappings } : { mappings, rows: of.rows });
  } catch (error) {
    throw error instanceof FileRefused ? fileRefused(error) : error;
  } finally {
    await close();
  }
}

export type FileToTake = ({ readonly kind: 'file' } & GatewayFile) | ({ readonly kind: 'bank' } & StatementFile);

/**
 * Reads a file to its end and seals what it became; what remains is to publish it.
 * @throws {DomainError} as {@link takeFile}, {@link gatewayFile} and {@link statementFile} say
 */
export async function takeUpload(
  database: Database,
  bytes: ByteSource,
  file: FileToTake,
  onStaged?: (lines: number) => void,
): Promise<string> {
  return file.kind === 'file'
    ? takeFile(database, await gatewayFile(database, bytes, file), onStaged)
    : takeFile(database, await statementFile(database, bytes, file), onStaged);
}

/** @throws {DomainError} `reconciliation.source_not_found` */
export async function mustFindSource(database: Database, id: string): Promise<Source> {
  const source = await findSource(database, id);
  if (source === undefined) throw new DomainError('reconciliation.source_not_found');
  return source;
}
