import type { Gateway } from '../../gateway.js';
import { html, json, type Answer } from '../../wire.js';

/** What the caller is told to do next, by kind of trouble. */
const NEXT_STEP = {
  validation_error: 'Ensure that the value(s) you are passing are valid',
  api_error: 'Try again later',
} as const;

/** A successful call; `status: true` says nothing of the payment, that is in `data.status`. */
export function done(message: string, data: unknown, meta?: unknown): Answer {
  return json(200, meta === undefined ? { status: true, message, data } : { status: true, message, data, meta });
}

/** As `done`, for what did not exist before. */
export function created(message: string, data: unknown): Answer {
  return json(201, { status: true, message, data });
}

export function refuse(status: number, message: string, type: keyof typeof NEXT_STEP, code: string): Answer {
  return json(status, { status: false, message, meta: { nextStep: NEXT_STEP[type] }, type, code });
}

export function unauthorised(message: string): Answer {
  return json(401, {
    status: false,
    message,
    meta: { nextStep: 'Ensure that you provide the correct authorization key for the request' },
    type: 'validation_error',
    code: 'invalid_Key',
  });
}

/** What the proxy in front answers when nobody stands behind it: HTML, not the API's envelope. */
const PROXY_PAGE =
  '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

export const TROUBLE: Gateway['trouble'] = {
  down: html(503, PROXY_PAGE),
  serverError: json(500, { status: false, message: 'An error occurred', type: 'api_error' }),
  garbage: html(200, '<html><body>We will be right back'),
  noSuchRoute: json(404, { status: false, message: 'Endpoint not found' }),
  malformedBody: refuse(400, 'Invalid request body', 'validation_error', 'invalid_params'),
  bodyTooLarge: json(413, { status: false, message: 'Request entity too large', type: 'validation_error' }),
};
