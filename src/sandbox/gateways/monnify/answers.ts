import type { Gateway } from '../../gateway.js';
import { html, json, type Answer, type JsonObject } from '../../wire.js';

/** Monnify's code for "no error"; any other is one. */
const SUCCESS = '0';

/** The code of errors that have none of their own. */
const GENERIC_ERROR = '99';

export function done(responseBody: unknown): Answer {
  return json(200, { requestSuccessful: true, ...successWithoutFlag(responseBody) });
}

/** Some answers lack `requestSuccessful`, so that only the code tells; which ones is not known, and here it is the query by reference. */
export function doneWithoutFlag(responseBody: unknown): Answer {
  return json(200, successWithoutFlag(responseBody));
}

function successWithoutFlag(responseBody: unknown): JsonObject {
  return { responseMessage: 'success', responseCode: SUCCESS, responseBody };
}

export function refuse(status: number, responseMessage: string, responseCode = GENERIC_ERROR): Answer {
  return json(status, { requestSuccessful: false, responseMessage, responseCode });
}

/** What stands in front of a dead house there: a page, not the envelope. */
const BAD_GATEWAY_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

export const TROUBLE: Gateway['trouble'] = {
  down: html(502, BAD_GATEWAY_PAGE),
  serverError: refuse(500, 'An error occurred while processing your request'),
  garbage: {
    status: 200,
    body: '{"requestSuccessful":true,"responseMessage":"succ',
    contentType: 'application/json; charset=utf-8',
  },
  noSuchRoute: refuse(404, 'Not Found'),
  malformedBody: refuse(400, 'The request body is not readable'),
  bodyTooLarge: refuse(413, 'The request body is too large'),
};
