/** Lists of what is about certain things, named by their ids: `?of=pay_...,re_...`. */
import { IsString, MaxLength } from 'class-validator';
import { DomainError } from '../errors/domain-error.js';
import { decodeId, type IdKind } from '../ids/ids.js';

/** As many as one thing's life can have, with room; a page of a hundred attempts is no reason to read a thousand. */
export const MAX_OF = 100;
const MAX_LENGTH = 4_000;

export class OfQuery {
  /** Ids, separated by commas; a hundred at most. */
  @IsString()
  @MaxLength(MAX_LENGTH)
  of!: string;
}

/**
 * The uuids by the kind of their ids, each once.
 * @throws {DomainError} `request.invalid_parameter`: an id of none of these kinds, none at all, or too many
 */
export function sortedIds<Kind extends IdKind>(
  { of }: OfQuery,
  kinds: readonly Kind[],
): Readonly<Record<Kind, readonly string[]>> {
  const ids = new Set(of.split(','));
  if (ids.size > MAX_OF) throw refusal('too_many');
  const found = kinds.map((kind): [Kind, string[]] => [kind, []]);
  for (const id of ids) {
    const [hit] = found.flatMap(([kind, of]) => {
      const uuid = decodeId(kind, id);
      return uuid === undefined ? [] : [{ uuid, of }];
    });
    if (hit === undefined) throw refusal('invalid_id');
    hit.of.push(hit.uuid);
  }
  return Object.fromEntries(found) as Record<Kind, string[]>;
}

const refusal = (code: string): DomainError =>
  new DomainError('request.invalid_parameter', { errors: [{ pointer: 'of', code }] });
