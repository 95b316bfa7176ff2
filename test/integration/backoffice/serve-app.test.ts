/** What `/backoffice` answers, to whom asks for a file, for a screen, or for something that was never there. */
import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import type { BuiltApp } from '../../../src/backoffice/built-app.js';
import { serveApp } from '../../../src/backoffice/serve-app.js';

const SCRIPT = Buffer.from(`console.log('${'sankofa '.repeat(100)}');`);
const APP: BuiltApp = {
  page: '<meta name="csp-nonce" content="{{nonce}}" /><div id="app"></div>',
  assets: new Map([
    ['assets/index-1a2b.js', { type: 'text/javascript; charset=utf-8', body: SCRIPT, gzip: gzipSync(SCRIPT) }],
  ]),
};

describe('The back-office is served', () => {
  const servers: FastifyInstance[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  async function start(app: BuiltApp | undefined): Promise<string> {
    const server = fastify();
    servers.push(server);
    serveApp(server, app);
    return server.listen({ port: 0, host: '127.0.0.1' });
  }

  it.each(['/backoffice', '/backoffice/', '/backoffice/merchants/mer_1?mode=test'])(
    'as one page at %s, which is kept nowhere and shown in no other page',
    async (path) => {
      const url = await start(APP);
      const answers = await Promise.all([fetch(`${url}${path}`), fetch(`${url}${path}`)]);
      const nonces = await Promise.all(
        answers.map(async (answer) => {
          expect(answer.status).toBe(200);
          expect(answer.headers.get('cache-control')).toBe('no-store');
          expect(answer.headers.get('x-frame-options')).toBe('DENY');
          expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
          expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
          const [, nonce = ''] = /content="([^"]+)"/.exec(await answer.text()) ?? [];
          const policy = answer.headers.get('content-security-policy') ?? '';
          expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
          expect(policy).toContain("script-src 'self';");
          expect(policy).toContain("frame-ancestors 'none'");
          expect(policy).not.toContain('unsafe');
          return nonce;
        }),
      );
      expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(nonces[0]).not.toBe(nonces[1]);
    },
  );

  it('with files that are kept for ever, packed for who can unpack them', async () => {
    const url = await start(APP);
    const file = `${url}/backoffice/assets/index-1a2b.js`;
    for (const encoding of ['gzip', 'identity']) {
      const answer = await fetch(file, { headers: { 'accept-encoding': encoding } });
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(await answer.text()).toBe(SCRIPT.toString());
    }
  });

  it.each(['/backoffice/assets/index-gone.js', '/backoffice/favicon.ico', '/backoffice/assets/../../package.json'])(
    'and has no page instead of a file that is not there: %s',
    async (path) => {
      const answer = await fetch(`${await start(APP)}${path}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).not.toContain('html');
    },
  );

  it('and says so where it was not built', async () => {
    const answer = await fetch(`${await start(undefined)}/backoffice/merchants`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build');
  });
});
