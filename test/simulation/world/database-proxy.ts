/**
 * Stands between the programs and PostgreSQL, and cuts a connection at a chosen moment of its conversation: what a network does, and
 * what nobody can time from outside. Everything else passes through unread.
 */
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

/**
 * - `mid_transaction`: while a transaction is open.
 * - `before_commit`: COMMIT was asked for and never reached the server.
 * - `commit_in_flight`: COMMIT left, and the connection broke behind it.
 * - `commit_answer_lost`: the server has committed, and its answer never came.
 * - `accept_answer_lost`: the same of the one statement that accepts payments.
 */
export const CUTS = [
  'mid_transaction',
  'before_commit',
  'commit_in_flight',
  'commit_answer_lost',
  'accept_answer_lost',
] as const;
export type Cut = (typeof CUTS)[number];

export interface DatabaseProxy {
  readonly port: number;
  /** Cuts the next connection that comes to this moment; `onCut` is told when one was. */
  order(cut: Cut, onCut: () => void): void;
  /** Forgets orders that nobody met. */
  forgetOrders(): void;
  close(): Promise<void>;
}

const BEGIN = 'BEGIN\0';
const COMMIT = 'COMMIT\0';
const ROLLBACK = 'ROLLBACK\0';
/** The name of the prepared statement, as every execution of it carries it. */
const ACCEPT = 'payments.accept\0';

interface Order {
  readonly cut: Cut;
  readonly onCut: () => void;
}

export async function startDatabaseProxy(serverPort: () => number): Promise<DatabaseProxy> {
  let orders: Order[] = [];
  const sockets = new Set<Socket>();
  const take = (...cuts: readonly Cut[]): Order | undefined => {
    const order = orders.find(({ cut }) => cuts.includes(cut));
    orders = orders.filter((each) => each !== order);
    return order;
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: serverPort(), host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    converse(client, upstream, take);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port');
  return {
    port: address.port,
    order: (cut, onCut) => void orders.push({ cut, onCut }),
    forgetOrders: () => {
      orders = [];
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(client: Socket, upstream: Socket, take: (...cuts: readonly Cut[]) => Order | undefined): void {
  let inTransaction = false;
  /** Met when the server answers next. */
  let answerLost: Order | undefined;
  const end = (order: Order): void => {
    order.onCut();
    client.resetAndDestroy();
    upstream.destroy();
  };
  client.on('data', (chunk: Buffer) => {
    if (chunk.includes(COMMIT)) {
      inTransaction = false;
      const order = take('before_commit', 'commit_in_flight', 'commit_answer_lost');
      if (order?.cut === 'before_commit') return end(order);
      if (order?.cut === 'commit_in_flight') return void upstream.write(chunk, () => end(order));
      answerLost = order;
    } else if (chunk.includes(ACCEPT)) {
      answerLost = take('accept_answer_lost');
    } else if (inTransaction) {
      const order = take('mid_transaction');
      if (order !== undefined) return end(order);
    }
    if (chunk.includes(BEGIN)) inTransaction = true;
    if (chunk.includes(ROLLBACK)) inTransaction = false;
    if (!upstream.write(chunk)) {
      client.pause();
      upstream.once('drain', () => client.resume());
    }
    return undefined;
  });
  upstream.on('data', (chunk: Buffer) => {
    if (answerLost !== undefined) return end(answerLost);
    if (!client.write(chunk)) {
      upstream.pause();
      client.once('drain', () => upstream.resume());
    }
    return undefined;
  });
}
