/** The merchant's end of the road: an endpoint that the program knows of and tells what became of payments. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { RequestTarget } from './payment-requests.js';

/** What a merchant reads of a webhook. */
export interface Webhook {
  readonly type: string;
  readonly reference: string;
}

export interface WebhookReceiver {
  close(): void;
}

/** Opens an endpoint and tells the program of it. Each webhook is answered before it is looked at. */
export async function receiveWebhooks(
  { host, port, secretKey }: RequestTarget,
  receive: (webhook: Webhook) => void,
): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      response.writeHead(204).end();
      const { type, data } = JSON.parse(body) as { type: string; data: { reference: string } };
      receive({ type, reference: data.reference });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the webhook receiver has no port');
  const response = await fetch(`http://${host}:${port}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${address.port}/hooks` }),
  });
  if (!response.ok) throw new Error(`the webhook endpoint was refused: ${response.status} ${await response.text()}`);
  return {
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
