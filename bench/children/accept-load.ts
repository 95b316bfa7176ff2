/** Offers payments as fast as they are accepted: every connection sends its next request when it has its answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-client.js';
import { Latencies } from './latencies.js';
import { paymentRequests, type RequestTarget } from './payment-requests.js';

export interface AcceptLoadInput {
  readonly target: RequestTarget;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface AcceptLoadResult {
  /** Answered 202 within the measurement. */
  readonly accepted: number;
  readonly seconds: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Every other answer, warm-up included, by status. */
  readonly otherAnswers: Readonly<Record<string, number>>;
  /** Broken connections and missing answers, warm-up included. */
  readonly connectionErrors: number;
  /** Processor time of this process per accepted payment, in microseconds: what the load itself took from the machine. */
  readonly loadMicrosecondsPerPayment: number;
}

const ACCEPTED = 202;
/** A connection that just failed is not tried again in a tight loop. */
const PAUSE_AFTER_ERROR_MS = 100;

export async function run({ target, connections, warmUpMs, measureMs }: AcceptLoadInput): Promise<AcceptLoadResult> {
  const nextRequest = paymentRequests(target);
  const latencies = new Latencies();
  const otherAnswers: Record<string, number> = {};
  let connectionErrors = 0;
  let measuring = false;
  let running = true;
  const work = async (): Promise<void> => {
    const connection = new HttpConnection(target.host, target.port);
    while (running) {
      const { request } = nextRequest();
      const sentAt = performance.now();
      try {
        const { status } = await connection.send(request);
        if (status !== ACCEPTED) otherAnswers[status] = (otherAnswers[status] ?? 0) + 1;
        else if (measuring) latencies.add(performance.now() - sentAt);
      } catch {
        connectionErrors += 1;
        await sleep(PAUSE_AFTER_ERROR_MS);
      }
    }
    connection.close();
  };
  const all = Promise.all(Array.from({ length: connections }, work));
  await sleep(warmUpMs);
  measuring = true;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await sleep(measureMs);
  measuring = false;
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  running = false;
  await all;
  const accepted = latencies.count;
  return {
    accepted,
    seconds,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    otherAnswers,
    connectionErrors,
    loadMicrosecondsPerPayment: (cpu.user + cpu.system) / Math.max(1, accepted),
  };
}
