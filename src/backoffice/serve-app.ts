/**
 * `/backoffice` and everything below it. A path is either a file of the build or a screen of the app, and every screen is the same page:
 * which one it is, the app reads from the address.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors/domain-error.js';
import { pathOf } from '../kernel/http/problem-document.js';
import { sendProblem } from '../kernel/http/problem.js';
import type { BuiltApp } from './built-app.js';

const ROOT = '/backoffice';
/** Names of assets hold a hash of what is in them: what is behind a name never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** 128 bits, anew for every answer. */
const NONCE_BYTES = 16;

const MISSING = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sankofa</title></head>
<body><h1>The back-office is not built</h1>
<p>This installation lacks dist/backoffice/web. Run <code>npm run build</code> and start it again. The API works without it.</p></body></html>
`;

/** Nothing comes from elsewhere, no script or style stands in the page itself, and no other page may show this one. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function secured(reply: FastifyReply, nonce: string): FastifyReply {
  return reply.headers({
    'content-security-policy': policy(nonce),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
}

/** @param app undefined: it was not built, which is said instead of it */
export function serveApp(fastify: FastifyInstance, app: BuiltApp | undefined): void {
  const sendPage = (reply: FastifyReply): FastifyReply => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    return secured(reply, nonce)
      .status(app === undefined ? 503 : 200)
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(app === undefined ? MISSING : app.page.replaceAll('{{nonce}}', nonce));
  };
  const sendBelow = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const below = pathOf(request.url).slice(ROOT.length + 1);
    const asset = app?.assets.get(below);
    if (asset === undefined) {
      if (isScreen(below)) return sendPage(reply);
      sendProblem(new DomainError('request.not_found'), request, secured(reply, ''));
      return reply;
    }
    void secured(reply, '').header('content-type', asset.type).header('cache-control', FOR_EVER);
    if (asset.gzip === undefined) return reply.send(asset.body);
    void reply.header('vary', 'accept-encoding');
    const isPacked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    return isPacked ? reply.header('content-encoding', 'gzip').send(asset.gzip) : reply.send(asset.body);
  };
  fastify.get(ROOT, (_, reply) => sendPage(reply));
  fastify.get(`${ROOT}/*`, sendBelow);
}

/** A file that is not there must not be answered with a page. */
function isScreen(below: string): boolean {
  return !below.startsWith('assets/') && !/\.[a-z0-9]+$/i.test(below);
}
