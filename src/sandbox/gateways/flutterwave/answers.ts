import type { Gateway } from '../../gateway.js';
import { html, json, type Answer } from '../../wire.js';

/** A successful call; `status: "success"` says nothing of the payment, that is in `data.status`. */
export function done(message: string, data: unknown, meta?: unknown): Answer {
  return json(
    200,
    meta === undefined ? { status: 'success', message, data } : { status: 'success', message, meta, data },
  );
}

export function refuse(status: number, message: string): Answer {
  return json(status, { status: 'error', message, data: null });
}

/** What the proxy in front answers when nobody stands behind it: HTML, not the API's envelope. */
const PROXY_PAGE =
  '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n';

export const TROUBLE: Gateway['trouble'] = {
  down: html(503, PROXY_PAGE),
  // What the server answers when it gives up after 28 s: nothing is known of the outcome.
  serverError: refuse(503, 'An error occurred. Please contact support'),
  garbage: {
    status: 200,
    body: '{"status":"success","message":"Charge initi',
    contentType: 'application/json; charset=utf-8',
  },
  noSuchRoute: refuse(404, 'Cannot find that endpoint'),
  malformedBody: refuse(400, 'Invalid request body'),
  bodyTooLarge: refuse(413, 'Request entity too large'),
};
