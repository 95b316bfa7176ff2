/** Takes in a gateway's file and compares the day, in a process of its own whose memory is all theirs. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Database } from '../../src/kernel/database/database.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import type { IncomingLine } from '../../src/modules/reconciliation/lines/line.js';
import { takeLines } from '../../src/modules/reconciliation/lines/take-lines.js';
import { RunEngine } from '../../src/modules/reconciliation/runs/engine.js';
import { claimRun, findRun, insertRun, type Counts } from '../../src/modules/reconciliation/runs/runs.store.js';

export interface ReconcileInput {
  readonly databaseUrl: string;
  readonly gatewayAccountId: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** A line of JSON per line of the gateway; null: the file was taken in before. */
  readonly file: string | null;
}

export interface ReconcileResult {
  readonly takeSeconds: number;
  readonly runSeconds: number;
  readonly peakBytes: number;
  readonly counts: Counts;
}

/** As many as a reader of files hands over. */
const BATCH = 1_000;

async function* linesOf(file: string): AsyncGenerator<readonly IncomingLine[]> {
  let batch: IncomingLine[] = [];
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = JSON.parse(text) as Record<'amountMinor' | 'feeMinor' | 'occurredAt', string> & IncomingLine;
    batch.push({
      ...line,
      amountMinor: BigInt(line.amountMinor),
      feeMinor: line.feeMinor === null ? null : BigInt(line.feeMinor),
      occurredAt: new Date(line.occurredAt),
    });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

export async function run(input: ReconcileInput): Promise<ReconcileResult> {
  const database = new Database({ url: input.databaseUrl, owner: 'reconciliation', poolSize: 2 });
  const about = {
    gatewayAccountId: input.gatewayAccountId,
    gateway: 'paystack',
    livemode: true,
    from: new Date(input.from),
    to: new Date(input.to),
  };
  try {
    const startedAt = performance.now();
    if (input.file !== null)
      await takeLines(
        database,
        { ...about, kind: 'file', name: 'day.csv', checksum: null, covers: ['payment'] },
        linesOf(input.file),
      );
    const takenAt = performance.now();
    await insertRun(database, { ...about, id: newUuid(), job: newUuid(), sourceId: null, requestedBy: null });
    const claimed = await claimRun(database);
    if (claimed === undefined) throw new Error('no run was due');
    await new RunEngine({ database }).work(claimed);
    const finished = await findRun(database, claimed.id);
    if (finished?.state !== 'succeeded') throw new Error(`the run ended as ${finished?.state ?? 'nothing'}`);
    return {
      takeSeconds: (takenAt - startedAt) / 1_000,
      runSeconds: (performance.now() - takenAt) / 1_000,
      peakBytes: process.resourceUsage().maxRSS * 1_024,
      counts: finished.counts,
    };
  } finally {
    await database.close();
  }
}
