import type { FastifyInstance } from 'fastify';
import { EnvError, readEnv } from '../../../src/config/env.js';
import { createAdapter } from '../../../src/kernel/http/http-app.js';

describe('where a request comes from', () => {
  let fastify: FastifyInstance | undefined;
  afterEach(() => fastify?.close());

  /** As it is told of a request from this machine that says it was forwarded for others. */
  async function told(proxies: string | undefined, forwarded: string): Promise<string> {
    const env = readEnv(proxies === undefined ? {} : { TRUSTED_PROXIES: proxies });
    fastify = createAdapter(env).getInstance<FastifyInstance>();
    fastify.get('/', (request, reply) => reply.send(request.ip));
    const url = await fastify.listen({ host: '127.0.0.1', port: 0 });
    return (await fetch(url, { headers: { 'x-forwarded-for': forwarded } })).text();
  }

  it.each([
    // Its connection, whatever it says of itself.
    [undefined, '198.51.100.7', '127.0.0.1'],
    ['10.0.0.0/8', '198.51.100.7', '127.0.0.1'],
    // What a balancer of ours says, and no further: what stands before was written by whoever asks.
    ['loopback', '198.51.100.7', '198.51.100.7'],
    ['127.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['127.0.0.0/8, 10.0.0.0/8', '198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['loopback', '2001:db8::7', '2001:db8::7'],
  ])('with TRUSTED_PROXIES=%s, forwarded for %s, is %s', async (proxies, forwarded, expected) => {
    expect(await told(proxies, forwarded)).toBe(expected);
  });

  it.each(['everybody', '10.0.0.0/0', '10.0.0.0/33', '::/0', '10.0.0.0/8,', '10.0.0', '1.2.3.4/8/8'])(
    'is not told by %j',
    (proxies) => {
      expect(() => readEnv({ TRUSTED_PROXIES: proxies })).toThrow(EnvError);
    },
  );
});
