import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { GatewayHttpClient, readRetryAfter, type HttpCall, type HttpClientOptions } from './http-client.js';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

describe('the HTTP client of the gateways', () => {
  const servers: Server[] = [];
  const clients: GatewayHttpClient[] = [];
  const sockets = new Set<Socket>();

  const listen = async (onSocket: (socket: Socket, count: number) => void): Promise<string> => {
    let count = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      count += 1;
      onSocket(socket, count);
    });
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };

  const client = (options: HttpClientOptions = {}): GatewayHttpClient => {
    const made = new GatewayHttpClient(options);
    clients.push(made);
    return made;
  };

  const post = (url: string, over: Partial<HttpCall> = {}): HttpCall => ({
    accountId: 'a',
    lane: 'charge',
    method: 'POST',
    url: new URL(url),
    headers: { 'content-type': 'application/json' },
    body: '{"amount":1}',
    timeoutMs: 2_000,
    ...over,
  });

  const freePort = async (): Promise<string> => {
    const url = await listen(() => undefined);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    return url;
  };

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('gives back what was answered, whatever its status', async () => {
    const url = await listen((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\noops')),
    );
    const result = await client().send(post(url));
    expect(result).toMatchObject({ kind: 'answered', status: 503 });
    expect(result.kind === 'answered' && result.body.toString()).toBe('oops');
  });

  it.each([
    ['a port where nobody listens', freePort, 'connection_refused'],
    ['a name that does not exist', () => Promise.resolve('http://gateway.invalid/'), 'dns_failure'],
  ])('says not sent for %s', async (_name, address, code) => {
    expect(await client().send(post(await address()))).toEqual({ kind: 'not_sent', code });
  });

  it('says not sent when TLS fails, since the body was not written yet', async () => {
    const url = (await listen((socket) => socket.on('data', () => socket.end('this is no TLS')))).replace(
      'http',
      'https',
    );
    expect(await client().send(post(url))).toEqual({ kind: 'not_sent', code: 'tls_failure' });
  });

  it('says not sent for a header that cannot be written', async () => {
    const url = await listen((socket) => socket.on('data', () => socket.write(OK)));
    expect(await client().send(post(url, { headers: { authorization: 'a\r\nb: c' } }))).toEqual({
      kind: 'not_sent',
      code: 'invalid_request',
    });
  });

  it.each([
    ['nothing comes back', (socket: Socket) => socket.on('data', () => undefined), 'timeout'],
    [
      'the answer drips',
      (socket: Socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{')),
      'timeout',
    ],
    [
      'the connection is reset after the request',
      (socket: Socket) => socket.on('data', () => socket.resetAndDestroy()),
      'connection_reset',
    ],
    [
      'the connection is closed after the request',
      (socket: Socket) => socket.on('data', () => socket.end()),
      'connection_reset',
    ],
    [
      'the answer is cut off',
      (socket: Socket) => socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{')),
      'connection_reset',
    ],
    ['the answer is no HTTP', (socket: Socket) => socket.on('data', () => socket.end('hello\r\n\r\n')), 'invalid_http'],
    [
      'the answer is too large',
      (socket: Socket) =>
        socket.on('data', () =>
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n${'x'.repeat(300_000)}`),
        ),
      'response_too_large',
    ],
  ])('says unknown when %s', async (_name, behave, code) => {
    const url = await listen((socket) => void behave(socket));
    expect(await client().send(post(url, { timeoutMs: 300 }))).toEqual({ kind: 'unknown', code });
  });

  it.each(['GET', 'POST'] as const)('never sends a %s twice, also when a kept connection breaks', async (method) => {
    let requests = 0;
    const url = await listen((socket) =>
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write(OK);
        else socket.resetAndDestroy();
      }),
    );
    const http = client({ connections: 1 });
    expect(await http.send(post(url, { method }))).toMatchObject({ kind: 'answered' });
    expect(await http.send(post(url, { method }))).toEqual({ kind: 'unknown', code: 'connection_reset' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(requests).toBe(2);
  });

  it('gives up a request that waits too long for a connection, and never writes it afterwards', async () => {
    const seen: string[] = [];
    const url = await listen((socket) =>
      socket.on('data', (data) => {
        seen.push(data.toString().split(' ')[1] ?? '');
        setTimeout(() => socket.write(OK), 300);
      }),
    );
    const http = client({ connections: 1, startWithinMs: 100 });
    const results = await Promise.all([http.send(post(`${url}first`)), http.send(post(`${url}second`))]);
    expect(results).toMatchObject([{ kind: 'answered' }, { kind: 'not_sent', code: 'no_connection_in_time' }]);
    expect(await http.send(post(`${url}third`))).toMatchObject({ kind: 'answered' });
    expect(seen).toEqual(['/first', '/third']);
  });

  it('refuses what is too much for one account at once, and leaves other accounts and questions alone', async () => {
    const url = await listen((socket) => socket.on('data', () => setTimeout(() => socket.write(OK), 100)));
    const http = client({ connections: 2, maxInHand: 3 });
    const calls = [1, 2, 3, 4].map(() => http.send(post(url)));
    const others = [http.send(post(url, { accountId: 'b' })), http.send(post(url, { lane: 'question' }))];
    const kinds = (await Promise.all(calls)).map(({ kind }) => kind);
    expect(kinds).toEqual(['answered', 'answered', 'answered', 'not_sent']);
    expect(await Promise.all(others)).toMatchObject([{ kind: 'answered' }, { kind: 'answered' }]);
    expect(await http.send(post(url))).toMatchObject({ kind: 'answered' });
  });

  it('reads an answer that came while the process was frozen past the time', async () => {
    const program =
      "const s=require('http').createServer((q,r)=>setTimeout(()=>r.end('{}'),250)).listen(0,'127.0.0.1',()=>console.log(s.address().port))";
    const other = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
    try {
      const [line] = (await once(other.stdout, 'data')) as [Buffer];
      const http = client();
      const url = `http://127.0.0.1:${line.toString().trim()}/`;
      await http.send(post(url));
      const asked = http.send(post(url, { timeoutMs: 500 }));
      // By then the request is written and not answered. Frozen between two phases of the event loop, with timers due next.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await new Promise((resolve) => setImmediate(resolve));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
      expect(await asked).toMatchObject({ kind: 'answered', status: 200 });
    } finally {
      other.kill();
    }
  });

  it('waits for no body: an early answer counts', async () => {
    const url = await listen((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')),
    );
    expect(await client().send(post(url, { body: 'x'.repeat(100_000) }))).toMatchObject({
      kind: 'answered',
      status: 401,
    });
  });

  it('says when an answer wants to be asked again, where it does', async () => {
    const url = await listen((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 429 No\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n')),
    );
    expect(await client().send(post(url))).toMatchObject({ status: 429, retryAfterMs: 7_000 });
    const silent = await listen((socket) => socket.on('data', () => socket.write(OK)));
    expect(await client().send(post(silent))).not.toHaveProperty('retryAfterMs');
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Fri, 27 Nov 2026 08:00:30 GMT', 30_000],
    ['Fri, 27 Nov 2026 07:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['2026', 2_026_000],
    [['1', '2'], undefined],
    [undefined, undefined],
  ])('reads Retry-After: %s', (value, expected) => {
    expect(readRetryAfter(value, Date.parse('2026-11-27T08:00:00Z'))).toBe(expected);
  });
});
