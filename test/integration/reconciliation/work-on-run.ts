/** A process of its own that takes up a run and stops for ever inside one of its chunks, before the commit: for runs.test.ts, which kills it there. */
import { Database } from '../../../src/kernel/database/database.js';
import { RunEngine } from '../../../src/modules/reconciliation/runs/engine.js';
import { claimRun } from '../../../src/modules/reconciliation/runs/runs.store.js';

const [, , chunk, stopIn] = process.argv;
const database = new Database({ url: process.env['DATABASE_URL'] ?? '', owner: 'reconciliation', poolSize: 2 });
const run = await claimRun(database);
if (run === undefined) throw new Error('no run is due');
const transaction = database.transaction.bind(database);
let phase: string | null = 'records';
let committed = 0;
database.transaction = (work) =>
  transaction(async (tx) => {
    const result = await work(tx);
    // What is left over is a single chunk; of the others some have been committed.
    if (phase !== stopIn || (phase !== 'leftovers' && committed < 3)) return result;
    process.stdout.write('in the middle\n');
    return new Promise<never>(() => setTimeout(() => undefined, 600_000));
  });
const engine = new RunEngine({
  database,
  chunk: Number(chunk),
  onProgress: (_, progress) => {
    committed = progress.phase === phase ? committed + 1 : 0;
    phase = progress.phase;
  },
});
await engine.work(run);
