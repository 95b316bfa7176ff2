/** What is wrong with a file, as callers are told. */
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { FileRefused, type FileProblemCode } from '../files/index.js';
import type { Source } from './sources.store.js';

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** @param sourceId of the source that it would have become; undefined where it did not get as far */
export function fileRefused(refusal: FileRefused, sourceId?: string): DomainError {
  const { problems, more } = refusal;
  return new DomainError('reconciliation.file_refused', {
    detail: refusal.message,
    errors: problems.map(({ code, line, column, message }) => ({
      pointer: line === null ? '' : `/${line}${column === null ? '' : `/${escaped(column)}`}`,
      code,
      detail: message,
    })),
    members: {
      problems: problems.length,
      more,
      ...(sourceId === undefined ? {} : { source: encodeId('reconciliationSource', sourceId) }),
    },
    cause: refusal,
  });
}

/** A refusal of the file as a whole, for a reason that reading alone does not show. */
export function refusedAsAWhole(code: FileProblemCode, message: string): FileRefused {
  return new FileRefused([{ code, line: null, column: null, message }]);
}

export function sourceKnown(known: Source): DomainError {
  const when = (known.closedAt ?? known.begunAt).toISOString();
  return new DomainError('reconciliation.source_known', {
    detail: `This file was taken in as ${known.name} on ${when}, with ${known.staged} lines.`,
    members: { source: encodeId('reconciliationSource', known.id) },
  });
}
