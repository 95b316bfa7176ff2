import type { z } from 'zod';
import { DomainError, type FieldError } from '../errors/domain-error.js';

/**
 * Reads a part of a body by its schema.
 * @param at the JSON pointer of the part
 * @throws {DomainError} `request.invalid`, with a pointer to everything that is not understood
 */
export function readData<Schema extends z.ZodType>(schema: Schema, value: unknown, at: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DomainError('request.invalid', { errors: errorsOf(parsed.error, at) });
}

export function errorsOf(error: z.ZodError, at: string): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const pointer = `${at}${issue.path.map((part) => `/${escaped(String(part))}`).join('')}`;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        pointer: `${pointer}/${escaped(key)}`,
        code: 'unknown_field',
        detail: 'nothing of this name is known here',
      }));
    return [{ pointer, code: issue.code, detail: issue.message }];
  });
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
