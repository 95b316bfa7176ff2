import { DomainError } from '../errors/domain-error.js';
import { decodeId, type IdKind } from '../ids/ids.js';

/**
 * The UUID of an id that came as a query parameter.
 * @throws {DomainError} `request.invalid_parameter`
 */
export function idParameter(kind: IdKind, name: string, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const uuid = decodeId(kind, id);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: name, code: 'invalid_id' }] });
  return uuid;
}
