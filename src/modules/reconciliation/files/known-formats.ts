/** What a file is, by how it begins; its name is never believed. */
import { refused } from './file-refused.js';

/** Signatures of what operators upload by mistake, with what to do instead. */
const signatures: readonly (readonly [bytes: string, advice: string])[] = [
  ['504b0304', 'a zip archive or an Excel workbook (.xlsx); unpack it, or save the sheet as CSV'],
  ['504b0506', 'an empty zip archive'],
  ['d0cf11e0a1b11ae1', 'an old Excel workbook (.xls); save the sheet as CSV'],
  ['25504446', 'a PDF; download the CSV or XML form of the report'],
  ['1f8b', 'a gzip archive; unpack it'],
  ['425a68', 'a bzip2 archive; unpack it'],
  ['377abcaf271c', 'a 7z archive; unpack it'],
  ['526172211a07', 'a RAR archive; unpack it'],
  ['28b52ffd', 'a zstd archive; unpack it'],
  ['89504e47', 'a picture'],
  ['ffd8ff', 'a picture'],
  ['47494638', 'a picture'],
  ['50415231', 'a Parquet file; export CSV'],
  ['53514c69746520666f726d617420', 'a database'],
  ['7f454c46', 'a program'],
  ['4d5a9000', 'a program'],
];

/** @throws {FileRefused} when it is empty or a known binary format */
export function refuseBinary(head: Buffer): void {
  if (head.length === 0) throw refused('empty', 'The file is empty.');
  const hex = head.subarray(0, 16).toString('hex');
  const known = signatures.find(([bytes]) => hex.startsWith(bytes));
  if (known !== undefined) throw refused('not_text', `The file is not text: it is ${known[1]}.`);
}

export type TextFormat = 'xml' | 'html' | 'json' | 'rtf' | 'table';

/** By the first characters of text; `table` is whatever is nothing else. */
export function textFormatOf(text: string): TextFormat {
  const start = text.slice(0, 1_024).trimStart().toLowerCase();
  if (/^<!doctype html|^<html|^<head|^<body|^<table/.test(start)) return 'html';
  if (/^<(\?xml|!--|!doctype|[a-z_][\w.-]*(:[a-z_][\w.-]*)?[\s/>])/.test(start)) return 'xml';
  if (/^\{\s*("|\})|^\[\s*(\{|\])/.test(start)) return 'json';
  if (start.startsWith('{\\rtf')) return 'rtf';
  return 'table';
}

const called: Readonly<Record<Exclude<TextFormat, 'table'>, string>> = {
  xml: 'XML, not CSV; a bank statement in XML is read as camt.053',
  html: 'a web page, not CSV: the portal probably answered its sign-in page, or a page saved as .xls; export CSV',
  json: 'JSON, not CSV',
  rtf: 'a word processor document, not CSV',
};

/** @throws {FileRefused} when it is text of another kind than a table */
export function refuseOtherThanTable(text: string): void {
  const format = textFormatOf(text);
  if (format !== 'table') throw refused('other_format', `The file is ${called[format]}.`);
}
