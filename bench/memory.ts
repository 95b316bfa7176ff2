/** What the program holds when it has just started and nothing happens. The peaks under load come with the other benches. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from './figures.js';
import type { Stage } from './stage.js';

/** What starting left behind has been collected by then, or stays. */
const SETTLE_MS = 2_000;
/** Just for scale: a bare Node process of the same version. */
const BARE_NODE = 'process.stdout.write(String(process.memoryUsage.rss()))';

export async function benchMemory(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  await sleep(SETTLE_MS);
  const memory = app.memory();
  if (memory === undefined) figures.skip('memory.start', 'this system does not tell the memory of another process');
  else {
    figures.add({
      name: 'memory.start',
      value: memory.now / 1_048_576,
      unit: 'MiB',
      ratioTo: 'an empty Node process',
      reference: bareNodeBytes() / 1_048_576,
      details: { role: 'all', measure: 'resident set size', settled_ms: SETTLE_MS },
    });
  }
  await app.stop();
  await stage.databases.drop(databaseUrl);
}

function bareNodeBytes(): number {
  return Number(spawnSync(process.execPath, ['-e', BARE_NODE], { encoding: 'utf8' }).stdout);
}
