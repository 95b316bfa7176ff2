/** Who is refused is refused before anything is done for them, and their connection stays good. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { readEnv } from '../../../src/config/env.js';
import type { CredentialCache } from '../../../src/kernel/access/credential-cache.js';
import { admitRequests } from '../../../src/kernel/admission/admission.hooks.js';
import { Admission, type Pressure } from '../../../src/kernel/admission/admission.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import { eventually } from '../../support/eventually.js';

const pressure: Pressure & { on: boolean } = {
  name: 'a_switch',
  on: false,
  room() {
    return this.on ? -Infinity : Infinity;
  },
};
const nobody = { lastKnown: () => undefined } as unknown as CredentialCache;

let server: FastifyInstance;
let socket: Socket;
let received: string;
/** Requests that got as far as Fastify's first hook. */
let inside: number;

beforeEach(async () => {
  inside = 0;
  pressure.on = false;
  const admission = new Admission(readEnv({}), new Metrics());
  admission.onPressure(pressure);
  server = fastify();
  admitRequests(server, admission, nobody);
  server.addHook('onRequest', (_request, _reply, done) => {
    inside += 1;
    done();
  });
  server.post('/things', { config: { priority: 'charge' } }, () => ({ made: true }));
  server.post('/things/:id', { config: { priority: 'charge' } }, () => ({ changed: true }));
  server.get('/health', { config: { priority: 'exempt' } }, () => ({ ok: true }));
  await server.listen({ host: '127.0.0.1', port: 0 });
  received = '';
  socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (chunk) => (received += chunk.toString()));
  await once(socket, 'connect');
});
afterEach(async () => {
  socket.destroy();
  await server.close();
});

const BODY = '{"size":1}';
const head = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
const statuses = (): string[] => [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => String(status));
const answered = (...expected: string[]): Promise<void> => eventually(() => expect(statuses()).toEqual(expected));

describe('admission, before the framework', () => {
  it('refuses before the body has come, with a whole problem', async () => {
    pressure.on = true;
    socket.write(head('/things'));
    await answered('503');
    expect(inside).toBe(0);
    const [, headers, body] = /^HTTP\/1\.1 503[^\r]*\r\n([^]*?)\r\n\r\n([^]*)$/.exec(received) ?? [];
    expect(headers).toMatch(/^content-type: application\/problem\+json\r$/m);
    expect(headers).toMatch(/^retry-after: 1\r$/m);
    const requestId = /^request-id: (req_\w{26})\r$/m.exec(headers ?? '')?.[1];
    expect(JSON.parse(body ?? '')).toEqual({
      type: '/problems/service.overloaded',
      title: expect.any(String),
      status: 503,
      instance: '/things',
      code: 'service.overloaded',
      request_id: requestId,
      retryable: true,
    });
  });

  it('leaves the connection good for the next request, when the body of the refused one has come', async () => {
    pressure.on = true;
    socket.write(head('/things'));
    await answered('503');
    pressure.on = false;
    socket.write(BODY + head('/things') + BODY);
    await answered('503', '200');
    expect(received).toContain('{"made":true}');
  });

  it('knows a route by its path, whatever the query', async () => {
    pressure.on = true;
    socket.write(head('/things?phone=%2B233241234567') + BODY);
    await answered('503');
    expect(inside).toBe(0);
    expect(received).toContain('"instance":"/things"');
  });

  it('leaves routes with parameters, those that are always answered, and those that do not exist to the house', async () => {
    pressure.on = true;
    socket.write(`${head('/things/7')}${BODY}GET /health HTTP/1.1\r\nHost: x\r\n\r\n${head('/nowhere')}${BODY}`);
    await answered('503', '200', '503');
  });
});
