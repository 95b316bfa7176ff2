/**
 * Logs: JSON lines by pino. Never a body, a secret, a phone number: log ids and codes. What slips through is redacted by
 * name as a second net, not as the rule.
 */
import { Inject, Injectable } from '@nestjs/common';
import { pino, type Logger as PinoLogger } from 'pino';
import type { Env } from '../../config/env.js';
import { ENV } from '../kernel.tokens.js';

const SECRET_NAMES = [
  'authorization',
  'cookie',
  'secret',
  'secret_key',
  'secretKey',
  'password',
  'token',
  'api_key',
  'apiKey',
  'credentials',
  'phone',
  'email',
  'databaseUrl',
  'redisUrl',
];

export function createLogger(level: string, destination?: NodeJS.WritableStream): PinoLogger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        ...SECRET_NAMES,
        ...SECRET_NAMES.map((name) => `*.${name}`),
        'req.headers.authorization',
        '*.headers.authorization',
      ],
      censor: '[redacted]',
    },
  };
  // Asynchronous writes: a line per request must not cost a system call each; flushed at exit.
  return pino(options, destination ?? pino.destination({ fd: 1, sync: false, minLength: 4096 }));
}

type Fields = Readonly<Record<string, unknown>>;

@Injectable()
export class Logger {
  readonly pino: PinoLogger;

  constructor(@Inject(ENV) env: Pick<Env, 'logLevel'>) {
    this.pino = createLogger(env.logLevel);
    // With few lines the buffer of an idle process would keep them for ever.
    setInterval(() => this.pino.flush(), 500).unref();
  }

  debug(fields: Fields, message: string): void {
    this.pino.debug(fields, message);
  }
  info(fields: Fields, message: string): void {
    this.pino.info(fields, message);
  }
  warn(fields: Fields, message: string): void {
    this.pino.warn(fields, message);
  }
  error(fields: Fields, message: string): void {
    this.pino.error(fields, message);
  }
  flush(): void {
    this.pino.flush();
  }
}
