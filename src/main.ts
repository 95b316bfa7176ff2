/** Starts one process. Run directly (`node dist/main.js`) it takes its settings from the environment. */
import 'reflect-metadata';
import type { Server } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { EnvError, readEnv, type Env } from './config/env.js';
import { CredentialCache } from './kernel/access/credential-cache.js';
import { admitRequests } from './kernel/admission/admission.hooks.js';
import { Admission } from './kernel/admission/admission.js';
import { Databases } from './kernel/database/databases.js';
import { armCrashPoints } from './kernel/crash-points/crash-points.js';
import { findHomes } from './kernel/database/homes.js';
import { migrateAll } from './kernel/database/migrator.js';
import { codeOf, describeError } from './kernel/errors/describe.js';
import { configureHttp, createAdapter } from './kernel/http/http-app.js';
import { limitLargeBodies } from './kernel/http/large-bodies.js';
import { listen, type Listening } from './kernel/http/listen.js';
import { setupOpenApi } from './kernel/http/openapi.js';
import { Health } from './kernel/observability/health.js';
import { Logger } from './kernel/observability/logger.js';
import { Metrics } from './kernel/observability/metrics.js';

export interface RunningSankofa {
  readonly url: string;
  /** Finishes what is in flight, then closes everything. */
  close(): Promise<void>;
}

/**
 * Warnings are worth a line of Nest's own; the rest is ours to log. An error while starting is thrown as well, and whoever starts
 * the process tells it in one line: once is enough.
 */
function nestLogger(logger: Logger, isStarted: () => boolean): LoggerService {
  const text = (message: unknown): string => (message instanceof Error ? message.message : String(message));
  return {
    log: (message) => logger.debug({}, text(message)),
    warn: (message) => logger.warn({}, text(message)),
    error: (message) => (isStarted() ? logger.error({}, text(message)) : logger.debug({}, text(message))),
  };
}

/** Starts the app on databases that are there (env.databaseUrl is set). */
export async function startSankofa(env: Env): Promise<RunningSankofa> {
  const bootLogger = new Logger(env);
  const { homes, answering } = await findHomes(env);
  for (const { setting } of homes.filter((home) => !answering.includes(home)))
    bootLogger.warn({ setting }, 'a database of modules that run elsewhere does not answer; what is for them waits');
  if (env.migrateOnStart) await migrateAll(answering, (line) => bootLogger.info({}, line));
  const giveUp = (reason: string): void => {
    bootLogger.pino.fatal({ reason }, 'giving up so that a supervisor starts afresh');
    bootLogger.flush();
    process.exit(70);
  };
  let started = false;
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(env, giveUp, homes),
    createAdapter(env),
    {
      logger: nestLogger(bootLogger, () => started),
      bodyParser: false,
      abortOnError: false,
    },
  );
  const logger = app.get(Logger);
  configureHttp(app, logger, app.get(Metrics));
  const routes = admitRequests(app.getHttpAdapter().getInstance(), app.get(Admission), app.get(CredentialCache));
  limitLargeBodies(app.getHttpAdapter().getInstance(), app.get(CredentialCache));
  await setupOpenApi(app);
  const listening = await listen(app, env, routes, giveUp).catch((error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE' ? new EnvError(`PORT ${env.port} is taken by another program`) : error;
  });
  started = true;
  const { url } = listening;
  logger.info(
    { url, role: env.role, modules: env.modules, queue: env.redisUrl === undefined ? 'postgresql' : 'redis' },
    'started',
  );
  logger.flush();
  let closing: Promise<void> | undefined;
  return { url, close: () => (closing ??= closeGracefully(app, listening, env)) };
}

/**
 * Often enough, in ms, that a stop is not held up noticeably: connections that were busy when the server stopped listening stay
 * open afterwards, kept alive for a next request, and the server would wait for every one of them.
 */
const IDLE_CONNECTIONS_EVERY_MS = 100;

/** A connection that breaks while it is closed (Redis went away first) is worth a line, not a failed stop. */
async function closeAll(app: NestFastifyApplication, listening: Listening, logger: Logger): Promise<void> {
  const databases = app.get(Databases);
  const server: Server = app.getHttpServer();
  const idle = setInterval(() => {
    if (!server.listening) server.closeIdleConnections();
  }, IDLE_CONNECTIONS_EVERY_MS);
  const emptied = listening.close();
  for (const close of [() => app.close(), () => emptied, () => databases.close()]) {
    await close().catch((error: unknown) =>
      logger.warn({ error: describeError(error) }, 'something did not close cleanly'),
    );
  }
  clearInterval(idle);
}

/** @throws when work in flight does not end in time; it is found again after the next start. */
async function closeGracefully(app: NestFastifyApplication, listening: Listening, env: Env): Promise<void> {
  const logger = app.get(Logger);
  app.get(Health).drain();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`work in flight did not end within ${env.shutdownTimeoutMs} ms`)),
      env.shutdownTimeoutMs,
    );
  });
  try {
    await Promise.race([closeAll(app, listening, logger), timeout]);
    logger.info({}, 'stopped');
  } finally {
    clearTimeout(timer);
    logger.flush();
  }
}

/** One line on stderr, and out. */
function fail(error: unknown): never {
  process.stderr.write(`sankofa: ${describeError(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const settings = readEnv();
  let env = settings;
  if (env.simulationCrashPoints !== undefined) armCrashPoints(env.simulationCrashPoints);
  let stopDatabase: (() => Promise<void>) | undefined;
  if (env.databaseUrl === undefined) {
    const { startEmbeddedPostgres } = await import('./kernel/embedded/embedded-postgres.js');
    const embedded = await startEmbeddedPostgres({
      dataDir: env.dataDir,
      log: (line) => process.stdout.write(`${line}\n`),
    });
    env = { ...env, databaseUrl: embedded.url };
    stopDatabase = () => embedded.stop();
  }
  const running = await startSankofa(env).catch(async (error: unknown) => {
    await stopDatabase?.();
    throw error;
  });
  const stop = (): void => {
    running
      .close()
      .then(() => stopDatabase?.())
      .then(() => process.exit(0))
      .catch(fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main().catch(fail);
