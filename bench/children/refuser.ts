/** Says no to every request, and does nothing else: what being asked costs the machine, whoever answers. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RefuserInput {
  readonly port: number;
  readonly forMs: number;
}

const NO = 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n';

/** @returns how many were refused */
export async function run({ port, forMs }: RefuserInput): Promise<number> {
  const sockets = new Set<Socket>();
  let refused = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // The bench writes each request at once, and the next only after the answer.
    socket.on('data', () => {
      refused += 1;
      socket.write(NO, 'latin1');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await sleep(forMs);
  server.close();
  for (const socket of sockets) socket.destroy();
  return refused;
}
