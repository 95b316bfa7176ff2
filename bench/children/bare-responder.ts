/** A server that refuses whatever it is asked, without looking: what a no costs at the least. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface BareResponderInput {
  readonly port: number;
  readonly ms: number;
}

export interface BareResponderResult {
  readonly answered: number;
}

/** About as long as a problem. */
const BODY = JSON.stringify({ code: 'service.overloaded', padding: 'x'.repeat(200) });
const ANSWER =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n' +
  `Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

export async function run({ port, ms }: BareResponderInput): Promise<BareResponderResult> {
  const sockets = new Set<Socket>();
  let answered = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    // The load sends one request at a time, in one piece.
    socket.on('data', () => {
      answered += 1;
      socket.write(ANSWER, 'latin1');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await sleep(ms);
  for (const socket of sockets) socket.destroy();
  server.close();
  return { answered };
}
