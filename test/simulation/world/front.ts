/** Where gateways find the program: passes each connection to a process that is ready, as a balancer does. */
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** @param choose the port of a ready process; undefined: there is none, and the connection is reset */
export async function startFront(choose: () => number | undefined): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const port = choose();
    sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1' });
    sockets.add(upstream);
    upstream.on('error', () => client.resetAndDestroy());
    upstream.on('close', () => {
      sockets.delete(upstream);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The front has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
