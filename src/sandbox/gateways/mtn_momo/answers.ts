import type { Gateway } from '../../gateway.js';
import { json, type Answer } from '../../wire.js';

/** A request to pay is accepted without a word: the caller's own UUID is the handle. */
export const EMPTY_ACCEPTED: Answer = { status: 202, body: '' };

/** MTN's errors: 500 also where the caller is at fault. */
export function refuse(status: number, code: string, message: string): Answer {
  return json(status, { message, code });
}

/** The API gateway in front speaks of access in another shape than the product behind it. */
export function refuseAccess(message: string): Answer {
  return json(401, { statusCode: 401, message });
}

export const TROUBLE: Gateway['trouble'] = {
  down: refuse(503, 'SERVICE_UNAVAILABLE', 'Service temporarily unavailable, try again later.'),
  serverError: refuse(500, 'INTERNAL_PROCESSING_ERROR', 'An internal error occurred while processing.'),
  garbage: { status: 200, body: '<?xml version="1.0"?><fault><code>', contentType: 'text/xml' },
  noSuchRoute: json(404, { statusCode: 404, message: 'Resource not found' }),
  malformedBody: { status: 400, body: '' },
  bodyTooLarge: json(413, { statusCode: 413, message: 'Request entity too large' }),
};
