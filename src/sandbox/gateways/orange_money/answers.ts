import type { Gateway } from '../../gateway.js';
import { json, type Answer } from '../../wire.js';

/** The numbers of the API gateway in front; all from memory. */
export const CODES = {
  internal: 1,
  unavailable: 5,
  malformedBody: 22,
  missingField: 23,
  invalidField: 24,
  invalidCredentials: 41,
  expiredCredentials: 42,
  notFound: 60,
} as const;

export function refuse(status: number, code: number, message: string, description: string): Answer {
  return json(status, { code, message, description });
}

export function invalidField(field: string, description: string): Answer {
  return refuse(400, CODES.invalidField, 'Invalid body field', `${field} ${description}`);
}

export const TROUBLE: Gateway['trouble'] = {
  down: refuse(503, CODES.unavailable, 'Service unavailable', 'The service is temporarily unavailable'),
  serverError: refuse(500, CODES.internal, 'Internal error', 'An unexpected error occurred'),
  garbage: { status: 200, body: '<html><body>Service en maintenance', contentType: 'text/html' },
  noSuchRoute: refuse(404, CODES.notFound, 'Resource not found', 'There is nothing at this address'),
  malformedBody: refuse(400, CODES.malformedBody, 'Invalid body', 'The body is not a JSON object'),
  bodyTooLarge: refuse(413, CODES.malformedBody, 'Invalid body', 'The body is too large'),
};
