/** Bodies that are handed on as they arrive, on a server whose time for a request is short. */
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Module, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readEnv } from '../../../src/config/env.js';
import { configureHttp } from '../../../src/kernel/http/http-app.js';
import { ProblemFilter } from '../../../src/kernel/http/problem.filter.js';
import { BodyStream, StreamedBody } from '../../../src/kernel/http/streamed-bodies.js';
import { RawBody } from '../../../src/kernel/http/validated.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';

const KB = 1024;
const SHORT_MS = 400;
const LIMITS = { types: ['text/csv'], maxBytes: 256 * KB, timeoutMs: 20_000, stallMs: 2_000 };

@Controller()
class BodiesController {
  @Post('streamed')
  @StreamedBody(LIMITS, 'write')
  async streamed(@BodyStream() body: AsyncIterable<Buffer>): Promise<{ bytes: number; chunks: number }> {
    let [bytes, chunks] = [0, 0];
    for await (const chunk of body) {
      bytes += chunk.length;
      chunks += 1;
    }
    return { bytes, chunks };
  }

  @Post('impatient')
  @StreamedBody({ ...LIMITS, timeoutMs: 500 }, 'write')
  impatient(@BodyStream() body: AsyncIterable<Buffer>): Promise<{ bytes: number }> {
    return this.streamed(body);
  }

  @Post('head')
  @StreamedBody(LIMITS, 'write')
  async head(@BodyStream() body: AsyncIterable<Buffer>): Promise<{ first: number }> {
    for await (const chunk of body) return { first: chunk.length };
    return { first: 0 };
  }

  @Post('whole')
  whole(@RawBody() body: Buffer): { bytes: number } {
    return { bytes: body.length };
  }
}

@Module({
  controllers: [BodiesController],
  providers: [
    { provide: Logger, useValue: new Logger({ logLevel: 'silent' }) },
    { provide: APP_FILTER, useFactory: (logger: Logger) => new ProblemFilter(logger), inject: [Logger] },
  ],
})
class BodiesModule {}

let app: NestFastifyApplication;
let port: number;
beforeAll(async () => {
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: 'postgres://nowhere' });
  const adapter = new FastifyAdapter({
    requestTimeout: SHORT_MS,
    http: { connectionsCheckingInterval: 100, headersTimeout: SHORT_MS },
  } as ConstructorParameters<typeof FastifyAdapter>[0]);
  app = await NestFactory.create<NestFastifyApplication>(BodiesModule, adapter as never, {
    logger: false,
    bodyParser: false,
  });
  configureHttp(app, new Logger(env), new Metrics());
  await app.listen(0, '127.0.0.1');
  ({ port } = app.getHttpServer().address() as AddressInfo);
});
afterAll(() => app.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly connection: string | undefined;
}

/** Sends pieces with pauses before each; a client that is answered early stops. */
function send(
  path: string,
  pieces: readonly (Buffer | number)[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, path, method: 'POST', agent: false, headers: { 'content-type': 'text/csv', ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(text) as Record<string, unknown>,
            connection: response.headers.connection,
          }),
        );
      },
    );
    let answered = false;
    request.once('response', () => {
      answered = true;
    });
    request.on('error', (error) => {
      if (!answered) reject(error);
    });
    void (async () => {
      for (const piece of pieces) {
        if (answered) return;
        if (typeof piece === 'number') await sleep(piece);
        else request.write(piece);
      }
      request.end();
    })();
  });
}

const piece = Buffer.alloc(KB, 'x');

describe('a streamed body', () => {
  it('is handed on as it arrives, however long it takes', async () => {
    const answer = await send('/streamed', [piece, 300, piece, 300, piece, 300, piece, 300, piece]);
    expect(answer).toMatchObject({ status: 201, body: { bytes: 5 * KB } });
    expect(answer.body['chunks']).toBeGreaterThanOrEqual(5);
  });

  it('has its time too', async () => {
    const slow = await send('/impatient', [piece, 300, piece, 300, piece, 300, piece]);
    expect(slow).toMatchObject({ status: 408, body: { code: 'request.incomplete' }, connection: 'close' });
  });

  it('ends when nothing more comes', async () => {
    const stalled = await send('/streamed', [piece, 2_500, piece]);
    expect(stalled).toMatchObject({
      status: 408,
      body: { code: 'request.incomplete', detail: 'Nothing more came, after 1024 bytes.' },
    });
  });

  it('gives nobody else more time', async () => {
    await expect(send('/whole', [piece, 300, piece, 300, piece, 300, piece])).resolves.toMatchObject({ status: 408 });
  });

  it('is bounded, by what is announced and by what comes', async () => {
    const announced = await send('/streamed', [piece], { 'content-length': String(LIMITS.maxBytes + 1) });
    expect(announced).toMatchObject({ status: 413, body: { code: 'request.too_large' }, connection: 'close' });
    const came = await send(
      '/streamed',
      Array.from({ length: 300 }, () => piece),
    );
    expect(came).toMatchObject({ status: 413, body: { code: 'request.too_large' } });
  });

  it('is of a type that is taken', async () => {
    for (const type of ['application/json', 'text/html', ''])
      expect(await send('/streamed', [piece], { 'content-type': type })).toMatchObject({ status: 415 });
    expect(await send('/streamed', [piece], { 'content-type': 'Text/CSV; charset=utf-8' })).toMatchObject({
      status: 201,
    });
  });

  it('need not be read to its end: the answer ends the connection', async () => {
    const answer = await send('/head', [piece, 200, ...Array.from({ length: 200 }, () => piece)]);
    expect(answer).toMatchObject({ status: 201, connection: 'close' });
  });

  it('that came whole leaves the connection open', async () => {
    expect((await send('/streamed', [piece])).body).toEqual({ bytes: KB, chunks: 1 });
  });
});
