/**
 * Who is at the other end of a connection that came through the door, told as balancers tell it: the first line of the PROXY protocol,
 * version 1 (haproxy.org/download/1.8/doc/proxy-protocol.txt, section 2.1).
 */
import type { Server } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { destroyLater } from './linger.js';

/** As long as the line may be. */
const MAX_BYTES = 107;
const LINE = /^PROXY TCP[46] ([0-9a-f.:]+) [0-9a-f.:]+ (\d+) \d+\r\n/i;

export function callerLine({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  // Gone already.
  if (remoteAddress === undefined || localAddress === undefined) return 'PROXY UNKNOWN\r\n';
  const family = isIPv6(remoteAddress) ? 'TCP6' : 'TCP4';
  return `PROXY ${family} ${remoteAddress} ${localAddress} ${remotePort} ${localPort}\r\n`;
}

/** Each connection of this server begins with such a line, which its sockets then seem to have come from. */
export function takeCallers(server: Server): void {
  const inside = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // Gone before it said who it is; or only looked whether somebody listens.
    const forget = (): void => void socket.destroy();
    socket.on('error', forget);
    socket.on('end', forget);
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      socket.off('error', forget);
      socket.off('end', forget);
      const line = LINE.exec(chunk.toString('latin1', 0, MAX_BYTES));
      const end = chunk.indexOf('\r\n') + '\r\n'.length;
      if (line !== null) {
        Object.defineProperty(socket, 'remoteAddress', { value: line[1] });
        Object.defineProperty(socket, 'remotePort', { value: Number(line[2]) });
      }
      socket.destroySoon = (): void => endSoon(socket);
      if (end < chunk.length) socket.unshift(chunk.subarray(end));
      for (const listener of inside) listener.call(server, socket);
      socket.resume();
    });
  });
}

/** Of a body that nobody reads any more nothing is read, and that the other side has gone is not heard: so it is not waited for either. */
function endSoon(socket: Socket): void {
  socket.end(() => destroyLater(socket));
}
