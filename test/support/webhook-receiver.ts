/** A merchant's server: records what it is sent, byte for byte, and misbehaves when told to. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Delivery {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The raw body: signatures are over these bytes. */
  readonly body: string;
  readonly receivedAt: Date;
}

/** How the next deliveries are answered. */
export type Behaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly delayMs?: number }
  /** Accepts the request and never answers. */
  | 'hang'
  /** Cuts the connection without an answer. */
  | 'reset';

export interface WebhookReceiver {
  readonly url: string;
  /** In order of arrival, also those answered badly. */
  readonly deliveries: readonly Delivery[];
  /** Until told otherwise; the default is 204 at once. A function decides for each delivery (its number counts from 1). */
  behave(behaviour: Behaviour | ((delivery: Delivery, number: number) => Behaviour)): void;
  /** Parsed bodies, for reading in assertions. */
  events(): unknown[];
  close(): Promise<void>;
}

/** Starts the server on a free port at 127.0.0.1. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const deliveries: Delivery[] = [];
  let decide: (delivery: Delivery, number: number) => Behaviour = () => ({ status: 204 });
  const server = createServer((request, response) => {
    void receive(request).then(async (delivery) => {
      deliveries.push(delivery);
      await answer(response, decide(delivery, deliveries.length));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}/hooks`,
    deliveries,
    behave: (behaviour) => {
      decide = typeof behaviour === 'function' ? behaviour : () => behaviour;
    },
    events: () => deliveries.map((delivery) => JSON.parse(delivery.body) as unknown),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function receive(request: IncomingMessage): Promise<Delivery> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    path: request.url ?? '/',
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    receivedAt: new Date(),
  };
}

async function answer(response: ServerResponse, behaviour: Behaviour): Promise<void> {
  if (behaviour === 'hang') return;
  if (behaviour === 'reset') {
    response.destroy();
    return;
  }
  if (behaviour.delayMs !== undefined) await sleep(behaviour.delayMs);
  response.writeHead(behaviour.status, behaviour.headers).end();
}
