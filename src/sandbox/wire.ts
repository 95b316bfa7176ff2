import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What is sent back for one request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Omitted when there is no body. */
  readonly contentType?: string;
  readonly location?: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Larger than any request a gateway takes; what is over it is refused unread. Bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

export function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value), contentType: 'application/json; charset=utf-8' };
}

export function html(status: number, body: string): Answer {
  return { status, body, contentType: 'text/html; charset=utf-8' };
}

/** @returns the value as an object, or undefined when it is an array, null or no object. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** @returns the field when it is a non-empty string, trimmed. */
export function text(object: JsonObject | undefined, field: string): string | undefined {
  const value = object?.[field];
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** @returns the header's value when it was sent exactly once. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** @returns the token of `Authorization: Bearer <token>`. */
export function bearer(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** @returns the two parts of `Authorization: Basic <base64 of user:password>`. */
export function basicUser(headers: IncomingHttpHeaders): { name: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { name: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

/** @returns the parsed JSON, or undefined when it does not parse (JSON itself has no undefined). */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Reads a positive whole number of a query string, held between 1 and `max`. */
export function pageNumber(value: string | null, fallback: number, max: number): number {
  const parsed = value !== null && /^\d{1,9}$/.test(value) ? Number(value) : fallback;
  return Math.min(Math.max(parsed, 1), max);
}

/** @returns the body as UTF-8 text, or undefined when it is over the limit or the client went away. */
export function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => resolve(size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}

export function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(answer.body, 'utf8');
  const headers: Record<string, string | number> = { 'content-length': body.length };
  if (answer.contentType !== undefined) headers['content-type'] = answer.contentType;
  if (answer.location !== undefined) headers['location'] = answer.location;
  response.writeHead(answer.status, headers);
  response.end(body);
}
