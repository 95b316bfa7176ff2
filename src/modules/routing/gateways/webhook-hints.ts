/** Pieces of webhook bodies that all gateways share. Bodies are untrusted even when signed: sizes are bounded. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Keys are stored in a unique index: longer ones are replaced by their hash. */
const MAX_KEY_LENGTH = 200;

/** An id that comes as an integer or as a string. Integers that JSON cannot hold exactly are dropped rather than altered. */
export const looseId = z
  .union([z.string().min(1).max(64), z.number().refine(Number.isSafeInteger).transform(String)])
  .optional()
  .catch(undefined);

/** Text of no importance to the outcome: of the wrong type it is as if absent. */
export const looseText = z.string().max(2_000).optional().catch(undefined);

/** A key that is equal for repeats of one event: gateways without event ids (PROVIDERS 12.10). */
export function dedupeKeyOf(...parts: readonly (string | undefined)[]): string {
  const key = parts.map((part) => part ?? '').join(':');
  return key.length <= MAX_KEY_LENGTH ? key : hashOf(key);
}

/** What stands for something too long, or without any name, in a key. */
export function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Handles with the absent ones left out. */
export function handlesOf(handles: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(handles).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Event types are shown in lists and stored in a column. */
const MAX_EVENT_TYPE_LENGTH = 100;

/**
 * The type of an event of a gateway that announces good and bad ends under one name (`charge.completed`): the status is put
 * behind it, `charge.completed.successful`, since a claim of success is more urgent to check.
 */
export function eventTypeOf(name: string, status: string | undefined): string {
  return (status === undefined ? name : `${name}.${status.toLowerCase()}`).slice(0, MAX_EVENT_TYPE_LENGTH);
}
