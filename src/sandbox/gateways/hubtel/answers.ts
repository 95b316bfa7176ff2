import type { Gateway } from '../../gateway.js';
import { html, json, type Answer } from '../../wire.js';

/** The codes that are used here; Hubtel has more. */
export const CODES = {
  success: '0000',
  pending: '0001',
  failed: '2001',
  invalid: '4000',
  balanceTooLow: '4075',
  notPermitted: '4101',
  internal: '5000',
} as const;

/** Receive, send and checkout speak with capitals. */
export function refuse(status: number, ResponseCode: string, Message: string): Answer {
  return json(status, { Message, ResponseCode, Data: null });
}

/** The status queries speak without. */
export function refuseQuery(status: number, responseCode: string, message: string): Answer {
  return json(status, { message, responseCode, data: null });
}

/** @param what - the sentence that says which field is wrong */
export function invalid(what: string): Answer {
  return refuse(400, CODES.invalid, what);
}

/** Callers whose address is not on the list do not reach the API: they get a page. */
export const NOT_LISTED: Answer = html(
  403,
  '<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>',
);

const DOWN_PAGE =
  '<html><head><title>503 Service Unavailable</title></head><body><center><h1>503 Service Unavailable</h1></center></body></html>';

export const TROUBLE: Gateway['trouble'] = {
  down: html(503, DOWN_PAGE),
  serverError: refuse(500, CODES.internal, 'An error occurred while processing the request'),
  garbage: html(200, '<html><body>Loading'),
  noSuchRoute: { status: 404, body: '' },
  malformedBody: invalid('The request body is not a JSON object'),
  bodyTooLarge: refuse(413, CODES.invalid, 'The request body is too large'),
};
