/** A bank's statement, in whichever of the two forms it comes. */
import type { ByteSource } from './bytes.js';
import { readCamt053 } from './camt053/read-camt053.js';
import type { BankMapping } from './csv/mapping.js';
import { readBankCsv } from './csv/read-csv.js';
import { refuseBinary, textFormatOf } from './known-formats.js';
import type { BankLine, ReadStep } from './lines.js';
import { TextDecoding } from './text-decoding.js';

/** As much as tells XML from a table. */
const LOOKED_AT_BYTES = 4_096;

/**
 * By its first bytes.
 * @throws {FileRefused} when it is empty or no text
 */
export function isXml(head: Buffer): boolean {
  refuseBinary(head);
  return textFormatOf(new TextDecoding(head).push(head.subarray(0, LOOKED_AT_BYTES))) === 'xml';
}

/** @param mapping undefined for camt.053, which needs none */
export function readStatement(
  source: ByteSource,
  mapping: BankMapping | undefined,
): AsyncGenerator<ReadStep<BankLine>> {
  return mapping === undefined ? readCamt053(source) : readBankCsv(source, mapping);
}
