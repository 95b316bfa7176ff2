/** A crowd that is refused by a server that does nothing else: what a crowd takes of a machine whatever program it comes to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BareResponderResult } from './children/bare-responder.js';
import type { LoadSummary } from './children/load-window.js';
import { runChild } from './child-task.js';
import { freePort } from './free-port.js';

const HOST = '127.0.0.1';
const CONNECTIONS = 1_000;
/** Until the server listens, and until it has answered the last. */
const AROUND_MS = 2_000;
const PATIENCE_MS = 60_000;

/** @returns requests answered per second */
export async function crowdElsewhere(
  { perSecond, ms, secretKey }: { readonly perSecond: number; readonly ms: number; readonly secretKey: string },
  signal: AbortSignal,
): Promise<number> {
  const port = await freePort();
  const timeoutMs = ms + PATIENCE_MS;
  const responder = runChild<BareResponderResult>({
    file: 'bare-responder.ts',
    goesFirst: true,
    input: { port, ms: ms + 2 * AROUND_MS },
    signal,
    timeoutMs,
  });
  await sleep(AROUND_MS);
  const input = {
    targets: [{ host: HOST, port, secretKey }],
    ...{ connections: CONNECTIONS, perSecond, warmUpMs: 0, measureMs: ms },
  };
  const load = runChild<LoadSummary>({ file: 'paced-load.ts', goesFirst: true, input, signal, timeoutMs });
  const [{ answered }] = await Promise.all([responder, load]);
  return answered / (ms / 1_000);
}
