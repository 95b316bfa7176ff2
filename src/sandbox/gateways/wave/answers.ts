import type { Gateway } from '../../gateway.js';
import { json, type Answer, type JsonObject } from '../../wire.js';

export function refuse(status: number, code: string, message: string, details?: readonly JsonObject[]): Answer {
  return json(status, { code, message, ...(details === undefined ? {} : { details }) });
}

/** @param field - where in the body the trouble is */
export function invalid(field: string, msg: string): Answer {
  return refuse(422, 'request-validation-error', 'Request invalid', [{ loc: ['body', field], msg }]);
}

export const TROUBLE: Gateway['trouble'] = {
  down: refuse(503, 'service-unavailable', 'Service temporarily unavailable'),
  serverError: refuse(500, 'internal-server-error', 'An unexpected error occurred'),
  garbage: { status: 200, body: '{"id":"cos-', contentType: 'application/json' },
  noSuchRoute: refuse(404, 'not-found', 'Not found'),
  malformedBody: refuse(422, 'request-validation-error', 'The body is not a JSON object'),
  bodyTooLarge: refuse(413, 'request-validation-error', 'The body is too large'),
};
