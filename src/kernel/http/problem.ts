/** Whatever was thrown, as an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { codeOf } from '../errors/describe.js';
import { ERROR_REGISTRY, type ErrorCode } from '../errors/registry.js';
import { isTransientDatabaseError } from '../database/sql-state.js';
import { PROBLEM_TYPE, pathOf, problemParts, toProblem } from './problem-document.js';

/** How long a caller should stay away when a part of ours does not answer. */
const UNAVAILABLE_RETRY_SECONDS = 2;

/** What Fastify refuses before any of our code runs. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.malformed_json',
  FST_ERR_VALIDATION: 'request.invalid',
  FST_ERR_BAD_URL: 'request.not_found',
  // No id of ours is as long as that.
  FST_ERR_MAX_PARAM_LENGTH: 'request.not_found',
};

const HTTP_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'request.malformed_json',
  401: 'auth.invalid_credentials',
  403: 'auth.forbidden',
  404: 'request.not_found',
  405: 'request.method_not_allowed',
  413: 'request.too_large',
  415: 'request.unsupported_media_type',
  429: 'service.rate_limited',
  503: 'service.unavailable',
};

/** Everything that can be thrown, as one of ours. What we do not know is `service.internal`, and tells nothing of itself. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const fastifyCode = FASTIFY_CODES[codeOf(error) ?? ''];
  if (fastifyCode !== undefined) return new DomainError(fastifyCode, { cause: error });
  if (error instanceof HttpException)
    return new DomainError(HTTP_CODES[error.getStatus()] ?? 'service.internal', { cause: error });
  if (isTransientDatabaseError(error))
    return new DomainError('service.unavailable', { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS, cause: error });
  return new DomainError('service.internal', { cause: error });
}

/** Answers with a problem. */
export function sendProblem(error: DomainError, request: FastifyRequest, reply: FastifyReply): void {
  const { status } = ERROR_REGISTRY[error.code];
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds));
  void reply
    .status(status)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(error, request.id, pathOf(request.url))));
}

/**
 * The same without the framework: for whom is refused before it is asked.
 * @param more headers beside those of every problem
 */
export function writeProblem(
  error: DomainError,
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, headers, body } = problemParts(error, requestId, pathOf(request.url ?? '/'));
  response.writeHead(status, [...headers, ...Object.entries(more)].flat());
  response.end(body);
}
