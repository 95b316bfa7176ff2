/**
 * The back-office's app: its client from the OpenAPI document of what was just built, then the bundle, into dist/. Bundling takes
 * longer than all the rest, so what was bundled is kept beside the stamps, where a new build of the server does not take it away.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { run } from './children.mjs';
import { LauncherError, step } from './steps.mjs';
import { firstLoad, MAX_FIRST_LOAD_BYTES } from './first-load.mjs';

export const WEB_SOURCE = 'src/backoffice/web';
const TARGET = 'dist/backoffice/web';

/** @param {{ root: string, stamps: string, sources: string, demand: Function, bin: Function }} context sources: a hash of the app's own files */
export async function buildWeb({ root, stamps, sources, demand, bin }) {
  const made = path.join(root, TARGET, '.stamp');
  const document = path.join(root, 'dist/openapi.json');
  if (!existsSync(document)) await writeDocument(document, demand);
  const wanted = createHash('sha256').update(sources).update(readFileSync(document)).digest('hex');
  const client = path.join(root, WEB_SOURCE, 'generated/client.gen.js');
  if (existsSync(client) && textOf(made) === wanted) return;
  const kept = path.join(stamps, 'backoffice-web');
  if (!existsSync(client) || textOf(path.join(kept, '.stamp')) !== wanted) {
    await step("Building the back-office's app (vite build)", async () => {
      await generateClient({ root, document, demand, bin });
      rmSync(kept, { recursive: true, force: true });
      mkdirSync(kept, { recursive: true });
      const options = ['build', path.join(root, WEB_SOURCE), '--outDir', kept, '--emptyOutDir', '--logLevel', 'warn'];
      demand(
        await run(process.execPath, [bin('vite', 'bin/vite.js'), ...options], { env: { NODE_ENV: 'production' } }),
        'vite build failed',
      );
      checkFirstLoad(kept);
      writeFileSync(path.join(kept, '.stamp'), wanted);
    });
  }
  rmSync(path.join(root, TARGET), { recursive: true, force: true });
  cpSync(kept, path.join(root, TARGET), { recursive: true });
}

async function writeDocument(document, demand) {
  const cli = path.join(path.dirname(document), 'cli/main.js');
  demand(await run(process.execPath, [cli, 'openapi', '--out', document]), 'The OpenAPI document could not be made');
}

async function generateClient({ root, document, demand, bin }) {
  rmSync(path.join(root, WEB_SOURCE, 'generated'), { recursive: true, force: true });
  const config = path.join(root, WEB_SOURCE, 'openapi-ts.config.mjs');
  const options = ['-f', config, '-i', document, '--no-log-file'];
  demand(
    await run(process.execPath, [bin('@hey-api/openapi-ts', 'bin/run.js'), ...options]),
    'The client could not be made from the OpenAPI document',
  );
  // What the generator brings along is not written for as strict a compiler as ours, so it is compiled apart, to what the app sees of it.
  const project = path.join(root, WEB_SOURCE, 'tsconfig.client.json');
  demand(await run(process.execPath, [bin('typescript', 'bin/tsc'), '-p', project]), 'The client does not compile');
}

/** Operators open this on telephones, over networks that are slow. */
function checkFirstLoad(folder) {
  const { bytes, route } = firstLoad(folder);
  if (bytes > MAX_FIRST_LOAD_BYTES)
    throw new LauncherError(
      `The back-office's first load (${route}) is ${bytes} bytes of JavaScript, gzip; ${MAX_FIRST_LOAD_BYTES} are allowed`,
    );
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
