/** RFC 9457 documents. The only place that knows how an error looks over HTTP. */
import { STATUS_CODES } from 'node:http';
import type { DomainError, FieldError } from '../errors/domain-error.js';
import { shownPath } from './address-parts.js';
import { ERROR_REGISTRY, type ErrorCode } from '../errors/registry.js';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly errors?: readonly FieldError[];
  readonly [member: string]: unknown;
}

/** @param instance the path that was asked for: of it is told what cannot be a secret */
export function toProblem(error: DomainError, requestId: string, instance: string): Problem {
  const spec = ERROR_REGISTRY[error.code];
  return {
    type: `/problems/${error.code}`,
    title: spec.title,
    status: spec.status,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    instance: shownPath(instance),
    code: error.code,
    request_id: requestId,
    retryable: spec.retryable,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
    ...error.members,
  };
}

interface ProblemParts {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What an answer is made of that nobody adds anything to. */
export function problemParts(error: DomainError, requestId: string, path: string): ProblemParts {
  const body = JSON.stringify(toProblem(error, requestId, path));
  return {
    status: ERROR_REGISTRY[error.code].status,
    headers: [
      ['content-type', PROBLEM_TYPE],
      ['content-length', String(Buffer.byteLength(body))],
      ['request-id', requestId],
      ...(error.retryAfterSeconds === undefined ? [] : [['retry-after', String(error.retryAfterSeconds)] as const]),
    ],
    body,
  };
}

/** The whole answer as it goes over the connection, which stays open. */
export function problemAnswer(error: DomainError, requestId: string, path: string): string {
  const { status, headers, body } = problemParts(error, requestId, path);
  const fields = headers.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...fields, 'connection: keep-alive', '', body].join('\r\n');
}

/** The path only: a query may hold a phone number. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
