/** The back-office: an app that runs in browsers and uses the admin API as any other client. Here it is only served. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Logger } from '../kernel/observability/logger.js';
import { readBuiltApp } from './built-app.js';
import { serveApp } from './serve-app.js';

/** `scripts/build.mjs` puts it there. */
const WEB = path.join(path.dirname(fileURLToPath(import.meta.url)), 'web');

@Module({})
export class BackofficeModule implements OnModuleInit {
  constructor(
    private readonly adapters: HttpAdapterHost,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    // Booted without HTTP, as the walls' tests do.
    const fastify = this.adapters.httpAdapter?.getInstance<FastifyInstance>();
    if (typeof fastify?.get !== 'function') return;
    const app = readBuiltApp(WEB);
    if (app === undefined) this.logger.warn({}, 'the back-office is not built: npm run build');
    serveApp(fastify, app);
  }
}
