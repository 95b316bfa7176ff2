/** Bytes to text, step by step and strictly: what is not valid in its encoding is refused, never replaced by a question mark. */
import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { codeOf } from '../../../kernel/errors/describe.js';
import { refused } from './file-refused.js';

/** What Node says of bytes that are not valid in their encoding. */
const INVALID = 'ERR_ENCODING_INVALID_ENCODED_DATA';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * What 0x80 to 0x9f are in windows-1252 (they are controls in latin1, which nobody means). Kept here since TextDecoder of some
 * releases of Node reads them as latin1; the five that the code page leaves open are refused.
 */
const HIGH =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Tab, line feed and carriage return are the only controls that text needs. */
const CONTROLS = /[^\P{Cc}\t\n\r]/u;

/** What a byte order mark says. */
function markOf(head: Buffer): Encoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** By the zero bytes that ASCII characters have in UTF-16; undefined: some encoding of single bytes. */
function detectUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const pairs = Math.min(head.length >> 1, 512);
  if (pairs < 2) return undefined;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < pairs; at++) {
    if (head[2 * at] === 0) even += 1;
    if (head[2 * at + 1] === 0) odd += 1;
  }
  // Most of a table is digits, separators and Latin letters, so one byte of nearly each pair is zero and the other never.
  if (even === 0 && odd > pairs * 0.7) return 'utf-16le';
  if (odd === 0 && even > pairs * 0.7) return 'utf-16be';
  return undefined;
}

/** How long the character is that begins with this byte in UTF-8; 0 when none does. */
function lengthInUtf8(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** Bytes at the end that may be the beginning of a character of which the rest is still to come. */
function unfinishedTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthInUtf8(byte) > back ? back : 0;
  }
  return 0;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/**
 * Decodes one file. In automatic mode the first character beyond ASCII decides between UTF-8 and windows-1252: up to it both read
 * the same, so nothing that was given out before needs to be taken back, wherever the file was cut into steps.
 */
export class TextDecoding {
  private carry: Buffer = Buffer.alloc(0);
  private readonly utf16: TextDecoder | undefined;
  private decided: boolean;
  private atStart = true;
  private current: Encoding;
  /** Line feeds given out so far. */
  private lines = 0;

  /** @param asked what the file is said to be, or undefined to find out from its head */
  constructor(head: Buffer, asked?: Encoding) {
    // A byte order mark is the file's own word, and outweighs what it is said to be.
    const said = markOf(head) ?? asked;
    this.decided = said !== undefined;
    this.current = said ?? detectUtf16(head) ?? 'utf-8';
    if (this.current === 'utf-16le' || this.current === 'utf-16be') {
      this.utf16 = new TextDecoder(this.current, { fatal: true });
    }
  }

  get encoding(): Encoding {
    return this.current;
  }

  /** @throws {FileRefused} */
  push(bytes: Buffer): string {
    return this.checked(this.utf16 === undefined ? this.pushBytes(bytes) : this.pushUtf16(bytes));
  }

  /** @throws {FileRefused} when the file ends inside a character */
  end(): string {
    if (this.utf16 !== undefined) {
      try {
        return this.checked(this.utf16.decode());
      } catch (error) {
        if (codeOf(error) !== INVALID) throw error;
        throw refused('cut_off', `The file ends inside a character, after line ${this.lines + 1}: it was cut off.`);
      }
    }
    const rest = this.carry;
    this.carry = Buffer.alloc(0);
    if (rest.length === 0) return '';
    // One lone byte is an accented letter of windows-1252; two that fit each other are half a character.
    if (!this.decided && rest.length === 1) return this.checked(this.from1252(rest));
    throw refused('cut_off', `The file ends inside a character, on line ${this.lines + 1}: it was cut off.`);
  }

  private pushUtf16(bytes: Buffer): string {
    try {
      return this.utf16?.decode(bytes, { stream: true }) ?? '';
    } catch (error) {
      if (codeOf(error) !== INVALID) throw error;
      throw refused('encoding', `After line ${this.lines + 1} the file is not valid ${this.current.toUpperCase()}.`);
    }
  }

  private pushBytes(bytes: Buffer): string {
    if (this.current === 'windows-1252') return this.from1252(bytes);
    const joined = this.carry.length === 0 ? bytes : Buffer.concat([this.carry, bytes]);
    if (isAscii(joined)) {
      this.carry = Buffer.alloc(0);
      return this.withoutMark(joined.toString('latin1'));
    }
    const tail = unfinishedTail(joined);
    const whole = joined.subarray(0, joined.length - tail);
    if (isUtf8(whole)) {
      this.decided ||= !isAscii(whole);
      // Copied: the step it is a view of may be a large buffer.
      this.carry = Buffer.from(joined.subarray(joined.length - tail));
      return this.withoutMark(whole.toString('utf8'));
    }
    if (!this.decided && !this.firstOddIsUtf8(joined)) {
      this.carry = Buffer.alloc(0);
      return this.from1252(joined);
    }
    throw this.notUtf8(whole);
  }

  /** Whether the first character beyond ASCII is one of UTF-8. */
  private firstOddIsUtf8(bytes: Buffer): boolean {
    const at = bytes.findIndex((byte) => byte >= 0x80);
    const length = lengthInUtf8(bytes[at] ?? 0);
    return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length));
  }

  private notUtf8(bytes: Buffer) {
    let line = this.lines + 1;
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(0x0a, from);
      if (end === -1 || !isUtf8(bytes.subarray(from, end))) break;
      line += 1;
      from = end + 1;
    }
    return refused(
      'encoding',
      `Line ${line} is not valid UTF-8 while the file otherwise is: it was put together from files of different encodings, or it is windows-1252, which the mapping can say.`,
      line,
    );
  }

  private from1252(bytes: Buffer): string {
    this.current = 'windows-1252';
    this.decided = true;
    return bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (byte) => HIGH.charAt(byte.charCodeAt(0) - 0x80));
  }

  private withoutMark(text: string): string {
    if (!this.atStart || text === '') return text;
    this.atStart = false;
    if (text.charCodeAt(0) !== 0xfeff) return text;
    this.decided = true;
    return text.slice(1);
  }

  private checked(text: string): string {
    const found = CONTROLS.exec(text);
    if (found !== null) {
      const line = this.lines + countLines(text.slice(0, found.index)) + 1;
      const code = text.charCodeAt(found.index);
      const what = code === 0 ? 'a NUL byte' : `a control character (${code})`;
      throw refused(
        'control_character',
        `Line ${line} has ${what}: the file is not text, or it is damaged, or its encoding is not ${this.current}.`,
        line,
      );
    }
    this.lines += countLines(text);
    return text;
  }
}
