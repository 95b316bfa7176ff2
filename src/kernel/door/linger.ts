/** How a connection ends on which somebody may still be sending what nobody reads any more. */
import type { Socket } from 'node:net';

/**
 * How long they may go on. A connection that is closed while something unread arrives is reset, and with it goes the answer that
 * explains why it was closed.
 */
const LINGER_MS = 3_000;

/** The answer is on its way, or there: the rest may come for a while, and then the connection is closed. */
export function destroyLater(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
