import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Command } from 'commander';
import { AppModule } from '../app.module.js';
import { readEnv } from '../config/env.js';
import { createAdapter } from '../kernel/http/http-app.js';
import { openApiDocument } from '../kernel/http/openapi-document.js';

export function addOpenApiCommand(program: Command): void {
  program
    .command('openapi')
    .description('write the OpenAPI document of the whole API, without a database')
    .option('--out <file>', 'into a file; otherwise to standard output')
    .action(async ({ out }: { out?: string }) => {
      const text = `${JSON.stringify(await wholeDocument())}\n`;
      if (out === undefined) process.stdout.write(text);
      else await writeFile(out, text);
    });
}

/** Of every module, whatever this machine is set to host. Nest makes none of them in its preview, so nothing is connected to. */
async function wholeDocument(): Promise<object> {
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(env, () => undefined, []),
    createAdapter(env),
    { preview: true, logger: false, bodyParser: false, abortOnError: false },
  );
  return openApiDocument(app);
}
