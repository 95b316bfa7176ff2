/**
 * `/openapi.json` and `/docs`. The document is made when it is first asked for: most processes never are, and a start
 * should not wait for it. The pages load nothing from elsewhere.
 */
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** What the page needs of Swagger UI, and as what it is sent. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sankofa API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, persistAuthorization: false });\n`;

/** Swagger UI writes style attributes; scripts, and everything else, come from here only. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A day: the assets change with the release only. */
const ASSET_CACHE = 'public, max-age=86400';

/** Swagger UI's files: of the very version that @nestjs/swagger depends on. */
function assetsFolder(): string {
  const require = createRequire(import.meta.url);
  const ofNest = createRequire(require.resolve('@nestjs/swagger'));
  return path.dirname(ofNest.resolve('swagger-ui-dist/package.json'));
}

/** Adds the routes; before the app listens. */
export async function setupOpenApi(app: NestFastifyApplication): Promise<void> {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  let document: Promise<string> | undefined;
  fastify.get('/openapi.json', async (_, reply) => {
    document ??= import('./openapi-document.js').then(({ openApiDocument }) => JSON.stringify(openApiDocument(app)));
    return reply.header('content-type', 'application/json; charset=utf-8').send(await document);
  });
  fastify.get('/docs', async (_, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('x-content-type-options', 'nosniff')
      .send(PAGE),
  );
  fastify.get('/docs/start.js', async (_, reply) =>
    reply.header('content-type', 'text/javascript; charset=utf-8').send(START),
  );
  const folder = assetsFolder();
  for (const [name, type] of Object.entries(ASSETS)) {
    fastify.get(`/docs/${name}`, async (_, reply) =>
      reply
        .header('content-type', type)
        .header('cache-control', ASSET_CACHE)
        .header('x-content-type-options', 'nosniff')
        .send(createReadStream(path.join(folder, name))),
    );
  }
}
