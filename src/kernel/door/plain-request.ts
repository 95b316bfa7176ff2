/**
 * The beginning of a request, where it can be read without doubt. The door answers such requests only; whatever leaves any room for a
 * second opinion on where a request ends (RFC 9112, section 6.3; request smuggling lives there) is left to the HTTP server, unread.
 */
import { pathOf } from '../http/problem-document.js';

export interface PlainRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Bytes of head and body together, of which there may be fewer so far. */
  readonly length: number;
  /** As it stands there: who asks, as far as the door can tell. */
  readonly authorization: string | undefined;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** Node's own limit for a head. */
const MAX_HEAD_BYTES = 16_384;
const REQUEST_LINE = /^(GET|POST|PUT|PATCH|DELETE) (\/[!-~]*) HTTP\/1\.1$/;
/** A name, no space before the colon, and no line that goes on with the one before. */
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
const LENGTH = /^\d{1,9}$/;
/** With these a body has no length, or the connection another meaning. */
const NOT_PLAIN = new Set(['transfer-encoding', 'connection', 'upgrade', 'expect', 'trailer', 'te']);

/** @returns undefined for what is not plain, or is not there as far as the end of its head */
export function readPlainRequest(chunk: Buffer): PlainRequest | undefined {
  const headEnd = chunk.indexOf(END_OF_HEAD);
  if (headEnd < 0 || headEnd > MAX_HEAD_BYTES) return undefined;
  const [first = '', ...fields] = chunk.toString('latin1', 0, headEnd).split('\r\n');
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  let bodyLength: number | undefined;
  let authorization: string | undefined;
  for (const field of fields) {
    const [, name, value] = FIELD.exec(field) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const known = name.toLowerCase();
    if (known === 'content-length') {
      if (bodyLength !== undefined || !LENGTH.test(value)) return undefined;
      bodyLength = Number(value);
    } else if (known === 'authorization') {
      // Of several, the server takes one of its choice.
      if (authorization !== undefined) return undefined;
      authorization = value;
    } else if (NOT_PLAIN.has(known) && !(known === 'connection' && value.toLowerCase() === 'keep-alive')) {
      return undefined;
    }
  }
  return {
    method,
    path: pathOf(target),
    length: headEnd + END_OF_HEAD.length + (bodyLength ?? 0),
    authorization,
  };
}
