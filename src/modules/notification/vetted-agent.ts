import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { AddressNotAllowedError, type SsrfGuard } from './ssrf-guard.js';

/** A handshake takes three round trips; beyond this the address is dead and the rest of the attempt's time is lost on it. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How long an idle connection is kept. Short: merchants are many, and the next event may be a while. */
const KEEP_ALIVE_MS = 4_000;
/** Whatever the server hints, a connection is not kept idle longer, so that a change of DNS is seen. */
const KEEP_ALIVE_MAX_MS = 30_000;
/** Answers are read for the log only. */
const MAX_HEADER_BYTES = 16_384;

/**
 * An HTTP client whose every connection is vetted: the name is resolved and judged when the connection is opened, and the
 * socket goes to one of the addresses just judged, so that a name cannot be rebound in between. Host and SNI keep the
 * name. A connection that is used again goes where it went before. It follows no redirects.
 */
export function createVettedAgent(guard: SsrfGuard): Agent {
  const vettedLookup: LookupFunction = (hostname, options, callback) => {
    guard.vet(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(new AddressNotAllowedError('not_public'), '', 0);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
  const connect = buildConnector({ lookup: vettedLookup, timeout: CONNECT_TIMEOUT_MS });
  return new Agent({
    connect(options, callback) {
      try {
        // Node asks the lookup only for names, never for addresses.
        guard.checkLiteral(options.hostname);
      } catch (error) {
        callback(error as AddressNotAllowedError, null);
        return;
      }
      connect(options, (error, socket) => {
        if (error !== null) callback(error, null);
        else if (socket.remoteAddress === undefined || !guard.allows(socket.remoteAddress)) {
          socket.destroy();
          callback(new AddressNotAllowedError('not_public'), null);
        } else callback(null, socket);
      });
    },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
}
