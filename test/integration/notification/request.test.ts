import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import type { Agent } from 'undici';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { SsrfGuard } from '../../../src/modules/notification/ssrf-guard.js';
import { createVettedAgent } from '../../../src/modules/notification/vetted-agent.js';
import { sendWebhook, type AttemptReport } from '../../../src/modules/notification/webhook-request.js';
import { newSecret } from '../../../src/modules/notification/webhook-signature.js';

/** Where it is waited for. */
const TIMEOUT_MS = 400;
/** Where it is not: a machine that is busy with something else may take its time. */
const PATIENT_MS = 10_000;

let resolved: string[];
let asked: string[];
let agent: Agent;
const servers: Server[] = [];

beforeEach(() => {
  resolved = ['127.0.0.1'];
  asked = [];
  const resolve = (name: string) => {
    asked.push(name);
    return Promise.resolve(resolved.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  agent = createVettedAgent(new SsrfGuard({ allowPrivate: true, resolve }));
});

afterEach(async () => {
  await agent.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));
const send = (url: string, timeoutMs = PATIENT_MS): Promise<AttemptReport> =>
  sendWebhook(agent, { url, eventId: newUuid(), body: '{"a":1}', secrets: [newSecret()] }, timeoutMs);

describe('one attempt', () => {
  it('is a POST of the body with its signature headers, under the name of the address', async () => {
    const port = await serve((request, response) => {
      response.writeHead(200).end(JSON.stringify(request.headers));
    });
    const seen: unknown[] = [];
    const echo = await serve((request, response) => {
      seen.push(request.method, request.url, request.headers);
      response.end('ok');
    });
    expect(await send(`http://hooks.example:${port}/`)).toMatchObject({
      httpStatus: 200,
      error: undefined,
      response: undefined,
    });
    await send(`http://hooks.example:${echo}/a?b=c`);
    expect(seen).toMatchObject([
      'POST',
      '/a?b=c',
      {
        host: `hooks.example:${echo}`,
        'content-type': 'application/json',
        'content-length': '7',
        'webhook-id': expect.stringMatching(/^evt_/),
        'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
        'webhook-signature': expect.stringMatching(/^v1,/),
      },
    ]);
  });

  it.each([
    ['that never answers', ''],
    ['that begins its answer and stops', 'HTTP/1.1 200 O'],
  ])('to a server %s ends with a timeout', async (_, beginning) => {
    const port = await serve((_request, response) => {
      response.socket?.write(beginning);
    });
    const report = await send(`http://127.0.0.1:${port}/`, TIMEOUT_MS);
    expect(report).toMatchObject({ httpStatus: undefined, error: 'timeout' });
    expect(report.durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 20);
    expect(report.durationMs).toBeLessThan(TIMEOUT_MS * 4);
  });

  it('is a delivery once the status has come, even if the rest of the answer does not', async () => {
    const port = await serve((_, response) => void response.writeHead(200).write('a'));
    const report = await send(`http://127.0.0.1:${port}/`, TIMEOUT_MS);
    expect(report).toMatchObject({ httpStatus: 200, error: undefined });
    expect(report.durationMs).toBeLessThan(TIMEOUT_MS * 4);
  });

  it('does not wait for a failing answer that drips without end', async () => {
    const timers: NodeJS.Timeout[] = [];
    const port = await serve((_, response) => {
      response.writeHead(503, { 'retry-after': '7' });
      timers.push(setInterval(() => response.write('x'), 20));
    });
    const report = await send(`http://127.0.0.1:${port}/`, TIMEOUT_MS);
    for (const timer of timers) clearInterval(timer);
    expect(report).toMatchObject({ httpStatus: 503, error: 'http_503', retryAfterMs: 7_000 });
    expect(report.durationMs).toBeLessThan(TIMEOUT_MS * 4);
  });

  it('reads no more than it must of an answer without end', async () => {
    let written = 0;
    const port = await serve((_, response) => {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed && written < 500_000_000) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536, 0x41))) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const report = await send(`http://127.0.0.1:${port}/`);
    expect(report).toMatchObject({ httpStatus: 500, response: 'A'.repeat(1_024) });
    expect(written).toBeLessThan(50_000_000);
  });

  it.each([
    ['nonsense', 'malformed_response'],
    ['HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n', 'malformed_response'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'malformed_response'],
  ])('to a server that does not speak HTTP fails', async (answer, error) => {
    const port = await listen(
      createTcpServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write(answer))),
    );
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ httpStatus: undefined, error });
  });

  it('to a server without TLS where TLS is asked for fails', async () => {
    const port = await serve((_, response) => void response.end());
    expect(await send(`https://127.0.0.1:${port}/`)).toMatchObject({ httpStatus: undefined, error: 'tls' });
  });

  it('names the host in the TLS handshake and goes to the address that was vetted', async () => {
    const hello: Buffer[] = [];
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (chunk) => {
          hello.push(chunk);
          socket.destroy();
        });
      }),
    );
    expect(await send(`https://hooks.example:${port}/`)).toMatchObject({ error: 'connection' });
    expect(asked).toEqual(['hooks.example']);
    expect(Buffer.concat(hello).includes('hooks.example')).toBe(true);
  });

  it('goes nowhere when the name has meanwhile been pointed at a forbidden address', async () => {
    let requests = 0;
    const port = await serve((_, response) => {
      requests += 1;
      response.writeHead(200, { connection: 'close' }).end();
    });
    expect(await send(`http://hooks.example:${port}/`)).toMatchObject({ httpStatus: 200 });
    for (const forbidden of [
      ['169.254.169.254'],
      ['127.0.0.1', '169.254.169.254'],
      ['0.0.0.0'],
      ['::ffff:127.0.0.1'],
    ]) {
      resolved = forbidden;
      expect(await send(`http://hooks.example:${port}/`)).toMatchObject({
        httpStatus: undefined,
        error: 'address_not_allowed',
      });
    }
    resolved = [];
    expect(await send(`http://hooks.example:${port}/`)).toMatchObject({ error: 'dns' });
    expect(requests).toBe(1);
    expect(asked).toHaveLength(6);
  });

  it('goes to no forbidden address that is written as such', async () => {
    for (const host of ['169.254.169.254', '0.0.0.0', '[::ffff:127.0.0.1]', '[fe80::1]']) {
      expect([host, (await send(`http://${host}:9/`)).error]).toEqual([host, 'address_not_allowed']);
    }
    expect(asked).toEqual([]);
  });
});
