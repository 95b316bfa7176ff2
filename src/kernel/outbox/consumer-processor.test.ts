import type { Job, Queue } from 'bullmq';
import type { Database } from '../database/database.js';
import type { Logger } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import type { BatchJob } from '../queue/queues.js';
import { ConsumerRegistry, type ConsumerDefinition } from './consumer.js';
import { consumerProcessor } from './consumer-processor.js';
import { WorkLedger } from './watchdog.js';

const CONSUMER: ConsumerDefinition = { name: 'tests.count_things', module: 'payments', types: [] };
const JOB = {
  data: { ids: [], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', again: false },
} as unknown as Job<BatchJob>;

describe('the processor of a consumer', () => {
  it('opens no transaction before the handler is ready', async () => {
    let transactions = 0;
    let open = (): void => undefined;
    const isReady = new Promise<void>((resolve) => {
      open = resolve;
    });
    const registry = new ConsumerRegistry();
    const database = {
      transaction: () => {
        transactions += 1;
        return Promise.resolve(0);
      },
    } as unknown as Database;
    registry.register(CONSUMER, database, { ready: () => isReady, handle: () => Promise.resolve() });
    const Processor = consumerProcessor(CONSUMER, {});
    const parts = [registry, new WorkLedger(), {} as Logger, new Metrics(), {} as Queue<BatchJob>] as const;
    const processor = Reflect.construct(Processor, parts) as InstanceType<typeof Processor>;

    const processing = processor.process(JOB);
    await new Promise((resolve) => setImmediate(resolve));
    expect(transactions).toBe(0);
    open();
    await processing;
    expect(transactions).toBe(1);
  });
});
