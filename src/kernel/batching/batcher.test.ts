import { Batcher } from './batcher.js';

const later = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

function recording(
  options: {
    maxBatch?: number;
    concurrency?: number;
    maxWaiting?: number;
    flush?: (items: readonly number[]) => Promise<readonly number[]>;
    splitOn?: (error: unknown) => boolean;
  } = {},
) {
  const sizes: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const batcher = new Batcher<number, number>({
    name: 'test',
    maxBatch: options.maxBatch ?? 100,
    concurrency: options.concurrency ?? 1,
    maxWaiting: options.maxWaiting ?? 1_000,
    ...(options.splitOn === undefined ? {} : { splitOn: options.splitOn }),
    flush:
      options.flush ??
      (async (items) => {
        inFlight += 1;
        mostInFlight = Math.max(mostInFlight, inFlight);
        sizes.push(items.length);
        await later(5);
        inFlight -= 1;
        return items.map((item) => item * 2);
      }),
  });
  return { batcher, sizes, mostInFlight: () => mostInFlight };
}

describe('the batcher', () => {
  it('gives each caller its own answer', async () => {
    const { batcher } = recording();
    expect(await Promise.all([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([2, 4, 6]);
  });

  it('lets a lone item leave at once, and gathers what comes while it is away', async () => {
    const { batcher, sizes } = recording();
    const first = batcher.submit(1);
    await later(1);
    const others = [2, 3, 4].map((item) => batcher.submit(item));
    await Promise.all([first, ...others]);
    expect(sizes).toEqual([1, 3]);
  });

  it('tells the callers of a large batch by turns, and is drained when all have been told', async () => {
    const { batcher } = recording({ maxBatch: 100 });
    let told = 0;
    for (let item = 0; item < 100; item += 1) void batcher.submit(item).then(() => (told += 1));
    const toldBy: number[] = [];
    const everyTurn = (): void => {
      toldBy.push(told);
      if (told < 100) setImmediate(everyTurn);
    };
    setImmediate(everyTurn);
    await batcher.drained();
    expect(told).toBe(100);
    const perTurn = toldBy.map((count, turn) => count - (toldBy[turn - 1] ?? 0));
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(32);
  });

  it('bounds a batch, the flushes in flight, and the queue', async () => {
    const { batcher, sizes, mostInFlight } = recording({ maxBatch: 10, concurrency: 2, maxWaiting: 35 });
    const answers = Array.from({ length: 35 }, (_, item) => batcher.submit(item));
    await expect(batcher.submit(99)).rejects.toThrow('service.overloaded');
    await Promise.all(answers);
    expect(Math.max(...sizes)).toBe(10);
    expect(mostInFlight()).toBe(2);
  });

  it('fails every item of a failing flush and goes on with the next', async () => {
    let failing = true;
    const { batcher } = recording({
      flush: (items) => (failing ? Promise.reject(new Error('no database')) : Promise.resolve(items)),
    });
    const results = await Promise.allSettled([1, 2].map((item) => batcher.submit(item)));
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await batcher.submit(3)).toBe(3);
  });

  it('splits a flush that one item makes fail, so that only that item fails', async () => {
    const tried: number[] = [];
    const { batcher } = recording({
      flush: (items) => {
        tried.push(items.length);
        return items.includes(6) ? Promise.reject(new Error('six')) : Promise.resolve(items);
      },
      splitOn: (error) => (error as Error).message === 'six',
    });
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map((item) => batcher.submit(item)));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
      1,
      2,
      3,
      4,
      5,
      'failed',
      7,
      8,
    ]);
    expect(tried).toEqual([8, 4, 4, 2, 1, 1, 2]);
  });

  it('fails rather than mix answers up when the flush gives too few', async () => {
    const { batcher } = recording({ flush: () => Promise.resolve([]) });
    await expect(batcher.submit(1)).rejects.toThrow('0 answers for 1 items');
  });

  it('says when nothing is left', async () => {
    const { batcher } = recording();
    let done = 0;
    for (let item = 0; item < 5; item += 1) {
      void batcher.submit(item).then(() => {
        done += 1;
      });
    }
    await batcher.drained();
    await later(0);
    expect(done).toBe(5);
    await batcher.drained();
  });
});
