import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Queue } from 'bullmq';
import { readEnv } from '../../../src/config/env.js';
import { queueOptions } from '../../../src/kernel/queue/queue-backend.js';
import { eventually } from '../../support/eventually.js';
import { describeWithRedisControl } from '../../support/redis-suites.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

/** Longer than two tries to connect take: what was asked before is given up by then. */
const AWAY_MS = 400;

/**
 * A Redis that goes away for a moment when it is asked for the first time after it has said that it is ready, which a client has asked by INFO.
 */
class FirstQuestionLost {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly target: URL;
  private hasSaidReady = false;
  private port = 0;
  private back: NodeJS.Timeout | undefined;
  lost = 0;

  constructor(redisUrl: string) {
    this.target = new URL(redisUrl);
    this.server = createServer((caller) => this.join(caller));
  }

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return `redis://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    clearTimeout(this.back);
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private goAway(): void {
    this.lost += 1;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    this.back = setTimeout(() => this.server.listen(this.port, '127.0.0.1'), AWAY_MS);
  }

  private join(caller: Socket): void {
    const redis = connect({ host: this.target.hostname, port: Number(this.target.port) });
    for (const [one, other] of [
      [caller, redis],
      [redis, caller],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
    caller.on('data', (asked) => {
      if (this.hasSaidReady && this.lost === 0) this.goAway();
      else redis.write(asked);
    });
    redis.on('data', (answer) => {
      if (answer.includes('redis_version:')) this.hasSaidReady = true;
      caller.write(answer);
    });
  }
}

describeWithRedisControl('the queue of a process that starts', () => {
  let redis: TestRedis;
  let unlucky: FirstQuestionLost;
  let queue: Queue;
  beforeEach(async () => {
    redis = await startRedis();
    unlucky = new FirstQuestionLost(redis.url);
    const env = readEnv({ DATABASE_URL: 'postgresql://nobody@127.0.0.1/none', REDIS_URL: await unlucky.open() });
    queue = new Queue('unlucky', queueOptions(env));
    queue.on('error', () => undefined);
  });
  afterEach(async () => {
    await queue.close().catch(() => undefined);
    await unlucky.close();
    await redis.stop();
  });

  it('takes jobs when Redis is back that went away at the first question', async () => {
    await expect(queue.add('job', {})).rejects.toThrow();
    expect(unlucky.lost).toBe(1);
    await eventually(() => queue.add('job', {}));
    expect(await queue.count()).toBe(1);
  });
});
