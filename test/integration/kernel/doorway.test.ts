/** Callers on one side, an HTTP server on the other, the door between them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { takeCallers } from '../../../src/kernel/door/caller.js';
import { openDoorway, type Doorway } from '../../../src/kernel/door/doorway.js';
import { LIMITED_MS } from '../../../src/kernel/door/limited-callers.js';
import { readPlainRequest } from '../../../src/kernel/door/plain-request.js';
import { RoomTold, TURNS_UNCOUNTED } from '../../../src/kernel/door/room.js';
import { socketInside, type SocketInside } from '../../../src/kernel/door/socket-inside.js';
import { eventually } from '../../support/eventually.js';

/** Longer than a busy machine takes from a connection to the first word on it. */
const IDLE_MS = 2_000;

interface Heard {
  readonly request: IncomingMessage;
  readonly body: string;
}

let place: SocketInside;
let server: Server;
let told: RoomTold;
let door: Doorway;
let heard: Heard[];
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const callers = new Set<Socket>();

function setRoom(room: number): void {
  // So often that whoever was let in before has been counted.
  for (let turn = 0; turn < TURNS_UNCOUNTED; turn += 1) told.tell(() => room);
}

beforeAll(async () => {
  place = await socketInside();
});
beforeEach(async () => {
  heard = [];
  answer = (_request, response, body) => {
    const text = `{"got":${body.length}}`;
    response.writeHead(200, { 'content-length': text.length }).end(text);
  };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      heard.push({ request, body });
      answer(request, response, body);
    });
  });
  takeCallers(server);
  server.listen(place.path);
  await once(server, 'listening');
  told = new RoomTold();
  setRoom(Infinity);
  const routes = new Map([
    ['POST /things', 'charge'],
    ['GET /things', 'read'],
  ] as const);
  door = await openDoorway({
    ...{ port: 0, host: '127.0.0.1', backlog: 16, inside: place.path, idleTimeoutMs: IDLE_MS },
    ...{ routes, room: told.memory },
  });
});
afterEach(async () => {
  for (const caller of callers) caller.destroy();
  callers.clear();
  server.closeAllConnections();
  const closed = server.listening ? once(server, 'close') : undefined;
  server.close();
  await Promise.all([door.close(), closed]);
});
afterAll(() => place.remove());

interface Caller {
  readonly socket: Socket;
  /** All that came back. */
  text(): string;
  statuses(): readonly string[];
}

async function call(allowHalfOpen = false): Promise<Caller> {
  const socket = connect({ port: door.address.port, host: '127.0.0.1', allowHalfOpen });
  callers.add(socket);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    statuses: () => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => String(status)),
  };
}

const BODY = '{"size":1}';
const post = (path = '/things', body = BODY, ...fields: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n');
const answered = ({ statuses }: Caller, ...expected: string[]): Promise<void> =>
  eventually(() => expect(statuses()).toEqual(expected));

describe('the door', () => {
  it('lets requests in and answers out, one after the other, and says who calls', async () => {
    const caller = await call();
    caller.socket.write(post());
    await answered(caller, '200');
    caller.socket.write(post('/other', 'four'));
    await answered(caller, '200', '200');
    expect(caller.text()).toMatch(/\{"got":10\}.*\{"got":4\}$/s);
    expect(heard.map(({ request: { url, socket } }) => [url, socket.remoteAddress, socket.remotePort])).toEqual([
      ['/things', '127.0.0.1', caller.socket.localPort],
      ['/other', '127.0.0.1', caller.socket.localPort],
    ]);
  });

  it('refuses for whom there is no room, without a word inside, and the connection stays good', async () => {
    const caller = await call();
    setRoom(0);
    caller.socket.write(post());
    await answered(caller, '503');
    const [, fields, body] = /^HTTP\/1\.1 503 Service Unavailable\r\n([^]*?)\r\n\r\n([^]*)$/.exec(caller.text()) ?? [];
    expect(fields).toMatch(/^content-type: application\/problem\+json\r$/m);
    expect(fields).toMatch(/^retry-after: 1\r$/m);
    expect(fields).toMatch(new RegExp(`^content-length: ${body?.length}\r$`, 'm'));
    const requestId = /^request-id: (req_\w{26})\r$/m.exec(fields ?? '')?.[1];
    expect(JSON.parse(body ?? '')).toMatchObject({
      type: '/problems/service.overloaded',
      instance: '/things',
      request_id: requestId,
      retryable: true,
    });
    expect(heard).toEqual([]);
    expect([told.takeRefused('no_room', 'charge'), told.takeRefused('no_room', 'read')]).toEqual([1, 0]);
    caller.socket.write(post());
    await answered(caller, '503', '503');
    expect(new Set(caller.text().match(/req_\w{26}/g))).toHaveProperty('size', 2);
    setRoom(Infinity);
    caller.socket.write(post());
    await answered(caller, '503', '503', '200');
  });

  it('refuses before the body has come, and forgets the body when it comes', async () => {
    const caller = await call();
    setRoom(0);
    const request = post('/things', 'x'.repeat(1_000));
    caller.socket.write(request.slice(0, -900));
    await answered(caller, '503');
    setRoom(Infinity);
    caller.socket.write(request.slice(-900, -100));
    caller.socket.write(request.slice(-100) + post());
    await answered(caller, '503', '200');
    expect(heard.map(({ body }) => body)).toEqual([BODY]);
  });

  it('lets as many in as there is room for', async () => {
    setRoom(2);
    const several = await Promise.all(Array.from({ length: 5 }, () => call()));
    for (const { socket } of several) socket.write(post());
    await eventually(() =>
      expect(several.flatMap(({ statuses }) => statuses()).sort()).toEqual(['200', '200', '503', '503', '503']),
    );
  });

  it('says for a moment what the house has just said to who asks for too much, and to nobody else', async () => {
    answer = (_request, response) => response.writeHead(429, { 'content-length': 0 }).end();
    const [one, another] = [await call(), await call()];
    const theirs = post('/things', BODY, 'Authorization: Bearer theirs');
    const others = post('/things', BODY, 'Authorization: Bearer others');
    const ask = async ({ socket }: Caller, request: string): Promise<void> => {
      const data = once(socket, 'data');
      socket.write(request);
      await data;
    };
    // On a busy machine the moment may be over too soon.
    await eventually(async () => {
      await ask(one, theirs);
      await ask(another, theirs);
      expect(another.text()).toMatch(
        /429 Too Many Requests\r\n[^]*retry-after: 1\r\n[^]*"instance":"\/things"[^]*"service\.rate_limited"/,
      );
    });
    expect(told.takeRefused('merchant_limit', 'charge')).toBeGreaterThan(0);
    answer = (_request, response) => response.writeHead(200, { 'content-length': 0 }).end();
    await ask(one, others);
    expect(one.statuses().at(-1)).toBe('200');
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMITED_MS));
    await ask(one, theirs);
    expect(one.statuses().at(-1)).toBe('200');
  });

  it('leaves routes that it does not know to the house', async () => {
    const caller = await call();
    setRoom(0);
    caller.socket.write(post('/things/7'));
    await answered(caller, '200');
    caller.socket.write('DELETE /things HTTP/1.1\r\nHost: x\r\n\r\n');
    await answered(caller, '200', '200');
    caller.socket.write('GET /things?page=2 HTTP/1.1\r\nHost: x\r\n\r\n');
    await answered(caller, '200', '200', '503');
  });

  it.each([
    ['in pieces', [post().slice(0, 20), post().slice(20)]],
    ['in chunks', ['POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n\r\n']],
    ['before the last one is answered', [post() + post()]],
  ])('passes on unread what comes %s, and does not look at that caller again', async (_, chunks) => {
    const caller = await call();
    setRoom(0);
    const [first = '', second] = chunks;
    const arrived = once(server, 'connection');
    caller.socket.write(first);
    await arrived;
    if (second !== undefined) caller.socket.write(second);
    await eventually(() => expect(heard.length).toBeGreaterThan(0));
    await eventually(() => expect(caller.statuses()).toHaveLength(heard.length));
    caller.socket.write(post());
    await eventually(() => expect(caller.statuses().at(-1)).toBe('200'));
    expect(caller.statuses()).not.toContain('503');
  });

  it('does not refuse who asks again while the answer is still coming', async () => {
    let finish: (() => void) | undefined;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 8 }).write('half');
      finish = () => response.end('done');
    };
    const caller = await call();
    caller.socket.write(post());
    await eventually(() => expect(caller.text()).toContain('half'));
    setRoom(0);
    caller.socket.write(post());
    finish?.();
    await eventually(() => expect(heard).toHaveLength(2));
    finish?.();
    await answered(caller, '200', '200');
    await eventually(() => expect(caller.text()).toMatch(/halfdone.*halfdone$/s));
  });

  it('carries what is large, also to whom is slow, and from whom is', async () => {
    const large = 'x'.repeat(4_000_000);
    answer = (_request, response, body) => response.writeHead(200, { 'content-length': body.length }).end(body);
    const caller = await call();
    caller.socket.pause();
    caller.socket.write(post('/things', large));
    await eventually(() => expect(heard[0]?.body).toHaveLength(large.length));
    caller.socket.resume();
    await eventually(() => expect(caller.text().length).toBeGreaterThan(large.length));
    expect(caller.text().endsWith(large)).toBe(true);
    caller.socket.write(post());
    await answered(caller, '200', '200');
  });

  it('is nothing to a caller who is refused when the house ends the line that was theirs', async () => {
    const caller = await call();
    caller.socket.write(post());
    await answered(caller, '200');
    server.closeIdleConnections();
    setRoom(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    caller.socket.write(post());
    await answered(caller, '200', '503');
    setRoom(Infinity);
    caller.socket.write(post());
    await answered(caller, '200', '503', '200');
  });

  it('ends the connection when the house ends it in the middle of an answer', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': 8 }).write('half', () => request.socket.destroy());
    };
    const caller = await call();
    const closed = once(caller.socket, 'close');
    caller.socket.write(post());
    await closed;
    expect(caller.text()).toMatch(/half$/);
  });

  it('ends the connection after an answer that says so', async () => {
    const caller = await call();
    const closed = once(caller.socket, 'close');
    caller.socket.write(post('/things', BODY, 'Connection: close'));
    await closed;
    expect(caller.text()).toContain('{"got":10}');
  });

  it('brings the answer also to whom the house does not hear out', async () => {
    server.removeAllListeners('request');
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(413, { connection: 'close', 'content-length': 2 }).end('no');
    });
    const head = 'POST /things HTTP/1.1\r\nHost: x\r\n';
    const large = 'x'.repeat(300_000);
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n`;
    for (const [first, more] of [
      [`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk],
      [`${head}Content-Length: 100000000\r\n\r\n`, large],
    ] as const) {
      const caller = await call();
      const ended = once(caller.socket, 'end');
      let reset = false;
      caller.socket.on('error', () => (reset = true));
      caller.socket.write(first);
      for (let each = 0; each < 20; each += 1) {
        caller.socket.write(more);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await ended;
      expect([caller.text().endsWith('no'), reset]).toEqual([true, false]);
    }
  });

  it('does not wait for ever for who goes on sending after the last answer', async () => {
    server.removeAllListeners('request');
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(413, { connection: 'close', 'content-length': 2 }).end('no');
    });
    const caller = await call(true);
    // By a reset, at last.
    const closed = new Promise((resolve) => caller.socket.once('close', resolve));
    caller.socket.write('POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n');
    const sending = setInterval(() => caller.socket.write('x'), 50);
    await closed.finally(() => clearInterval(sending));
    expect(caller.text()).toMatch(/no$/);
  });

  it('tells the house when a caller has gone', async () => {
    let gone = false;
    answer = (_request, response) => response.once('close', () => (gone = true));
    const caller = await call();
    caller.socket.write(post());
    await eventually(() => expect(heard).toHaveLength(1));
    caller.socket.destroy();
    await eventually(() => expect(gone).toBe(true));
  });

  it('answers who has said that they send nothing more', async () => {
    const caller = await call();
    const closed = once(caller.socket, 'close');
    caller.socket.end(post());
    await closed;
    expect(caller.text()).toContain('{"got":10}');
  });

  it('ends a connection on which nothing is said, and works on nothing that comes afterwards', async () => {
    const { socket } = await call(true);
    await once(socket, 'end');
    socket.write(post());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(heard).toEqual([]);
  });

  it('closes when those have left who are answered, and at once to those who ask nothing', async () => {
    let finish: (() => void) | undefined;
    answer = (_request, response) => {
      finish = () => response.writeHead(200, { 'content-length': 2 }).end('ok');
    };
    const [asking, idle] = [await call(), await call()];
    asking.socket.write(post());
    await eventually(() => expect(heard).toHaveLength(1));
    let closed = false;
    const closing = door.close().then(() => (closed = true));
    await once(idle.socket, 'close');
    expect(closed).toBe(false);
    finish?.();
    await closing;
    await eventually(() => expect(asking.text()).toMatch(/ok$/));
    await expect(call()).rejects.toThrow('ECONNREFUSED');
  });

  it('forgets who only looks whether the house is there', async () => {
    const socket = connect({ path: place.path });
    await once(socket, 'connect');
    socket.end();
    await once(socket, 'close');
    server.close();
    await once(server, 'close');
  });

  it('says that the house is not there by ending the connection', async () => {
    server.close();
    await once(server, 'close');
    const caller = await call();
    const closed = once(caller.socket, 'close');
    caller.socket.write(post());
    await closed;
    expect(caller.text()).toBe('');
  });
});

/** What may stand in a request, right and wrong, so that most of what is put together of it is nearly right. */
const FIELDS = [
  'Host: x',
  'Content-Length: 3',
  'content-length: 3',
  'Content-Length: 0',
  'Content-Length: 03',
  'Content-Length:3',
  'Content-Length: 3 ',
  'Content-Length: +3',
  'Content-Length : 3',
  'Content-Length: 3,3',
  'Content-Length: 0x3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Connection: keep-alive',
  'Connection: close',
  'X-One: a b',
  'X-One:',
  'X-One: \t',
  ' X-Folded: a',
  'X One: a',
  'X-One: a\nContent-Length: 3',
  'X-One: a\rb',
  'X-One: \x01',
  'X-One: é',
  'Upgrade: h2c',
  'Expect: 100-continue',
] as const;
const LINES = [
  'POST /things HTTP/1.1',
  'GET /things HTTP/1.1',
  'GET /a b HTTP/1.1',
  'POST /things HTTP/1.0',
  'PUT /things?a=1 HTTP/1.1',
];

describe('a request that the door takes for plain', () => {
  it('is one request of the same length to the HTTP server', async () => {
    const requests = fc
      .tuple(
        fc.constantFrom(...LINES),
        fc.array(fc.constantFrom(...FIELDS), { maxLength: 4 }),
        fc.constantFrom('', 'abc', 'abcd'),
      )
      .map(([line, fields, body]) => ({ line, text: Buffer.from([line, ...fields, '', body].join('\r\n'), 'latin1') }))
      .filter(({ text }) => readPlainRequest(text)?.length === text.length);
    await fc.assert(
      fc.asyncProperty(requests, async ({ line, text }) => {
        const before = heard.length;
        const socket = connect({ path: place.path });
        socket.on('error', () => undefined);
        let back = '';
        socket.on('data', (chunk) => (back += chunk.toString()));
        // The one that is asked about, and one that says where the first has ended.
        socket.write('PROXY UNKNOWN\r\n');
        socket.write(text);
        socket.end('GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        await once(socket, 'close');
        const urls = heard.slice(before).map(({ request: { url } }) => url);
        const target = line.split(' ')[1];
        // Without a Host it is refused by the server itself, and what follows is still where we expect it.
        expect(urls).toEqual(back.startsWith('HTTP/1.1 400') ? ['/after'] : [target, '/after']);
      }),
      { numRuns: 300 },
    );
  });
});
