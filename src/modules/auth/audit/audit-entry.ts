import { createHash } from 'node:crypto';
import type { StoredEvent } from '../../../kernel/outbox/event.js';

/** What is hashed: the entry, as JSON text. */
export interface AuditContent {
  readonly id: string;
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly type: string;
  /** The person or key; null: the command line, or the program itself. */
  readonly actor_id: string | null;
  readonly request_id: string;
  /** What it happened to: the id of a key, a session, a person. */
  readonly subject_id: string;
  /** As a template, where it was a request. */
  readonly route: string | null;
  readonly status: number | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditEntry {
  readonly seq: bigint;
  readonly content: string;
  readonly hash: Buffer;
}

/** The hash before the first entry. */
export const GENESIS = Buffer.alloc(32);

/** Hashes of secrets, and what is sealed, are of no use to whoever reads the log; and what is in it stays for ever. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'sealed_link',
  'sealed_contact',
  'token_hash',
  'key_hash',
  'actor_id',
  'request_id',
  'route',
  'status',
  'at',
]);

export function contentOf(event: StoredEvent): AuditContent {
  const payload = event.payload as Readonly<Record<string, unknown>>;
  const { actor_id: actor, route, status, at } = payload;
  return {
    id: event.id,
    at: typeof at === 'string' ? at : event.createdAt.toISOString(),
    type: event.type,
    actor_id: typeof actor === 'string' ? actor : null,
    request_id: event.headers.correlation_id,
    subject_id: event.aggregateId,
    route: typeof route === 'string' ? route : null,
    status: typeof status === 'number' ? status : null,
    details: Object.fromEntries(Object.entries(payload).filter(([name]) => !LEFT_OUT.has(name))),
  };
}

export function hashEntry(before: Buffer, seq: bigint, content: string): Buffer {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(seq);
  return createHash('sha256').update(before).update(place).update(content).digest();
}
