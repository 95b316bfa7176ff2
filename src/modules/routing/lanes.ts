/**
 * A bulkhead: each lane (a gateway account) runs a bounded number of tasks at once and keeps a bounded number waiting, so
 * that a slow gateway fills its own lane and nobody else's.
 */
export interface LanesOptions {
  readonly concurrency: number;
  readonly maxWaiting: number;
}

interface Task {
  start(): Promise<void>;
  dropped(): void;
}

interface Lane {
  running: number;
  readonly waiting: Task[];
  /** What a task takes, in ms: a moving average. */
  tookMs: number;
  /** When the last one ended, or the lane began: `performance.now()`. */
  endedAt: number;
}

/** Weight of the newest task in the moving average: the last ten or so count. */
const TOOK_WEIGHT = 0.1;

export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private idleWaiters: (() => void)[] = [];
  private stopped = false;

  constructor(private readonly options: LanesOptions) {}

  /**
   * Runs `start` when its lane has room; it must not reject. `dropped` is called instead if the lanes are stopped before its turn.
   * @returns false if the lane is full or all lanes are stopped: neither will be called.
   */
  run(laneId: string, start: () => Promise<void>, dropped: () => void = () => undefined): boolean {
    let lane = this.lanes.get(laneId);
    if (lane === undefined) {
      lane = { running: 0, waiting: [], tookMs: 0, endedAt: performance.now() };
      this.lanes.set(laneId, lane);
    }
    if (this.stopped || lane.waiting.length >= this.options.maxWaiting) return false;
    lane.waiting.push({ start, dropped });
    this.fill(laneId, lane);
    return true;
  }

  /** How many more would start at once in a lane; below 0 when that many wait already. */
  roomIn(laneId: string): number {
    if (this.stopped) return 0;
    const lane = this.lanes.get(laneId);
    return lane === undefined
      ? this.options.concurrency
      : this.options.concurrency - lane.running - lane.waiting.length;
  }

  /**
   * How long a task would wait that is added now, in ms: until the first place is free, and until all before it have had theirs. A lane
   * in which nothing has ended for a while is expected to go on like that.
   * @param ahead tasks that will be added before it
   */
  waitMs(laneId: string, ahead = 0): number {
    const lane = this.lanes.get(laneId);
    if (lane === undefined || this.roomIn(laneId) > ahead) return 0;
    const before = lane.waiting.length + ahead;
    return performance.now() - lane.endedAt + (before / this.options.concurrency) * lane.tookMs;
  }

  /** Lanes in which tasks wait: they have enough to do. */
  busy(): string[] {
    return [...this.lanes].filter(([, lane]) => lane.waiting.length > 0).map(([id]) => id);
  }

  get running(): number {
    return [...this.lanes.values()].reduce((sum, lane) => sum + lane.running, 0);
  }

  /** Forgets what waits, starts nothing more, and resolves when what runs has ended. */
  stop(): Promise<void> {
    this.stopped = true;
    for (const lane of this.lanes.values()) {
      for (const task of lane.waiting.splice(0)) task.dropped();
    }
    if (this.running === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private fill(laneId: string, lane: Lane): void {
    while (!this.stopped && lane.running < this.options.concurrency) {
      const task = lane.waiting.shift();
      if (task === undefined) break;
      lane.running += 1;
      const startedAt = performance.now();
      void task.start().finally(() => {
        lane.running -= 1;
        lane.endedAt = performance.now();
        lane.tookMs += (lane.endedAt - startedAt - lane.tookMs) * TOOK_WEIGHT;
        this.fill(laneId, lane);
        if (lane.running === 0 && lane.waiting.length === 0) this.lanes.delete(laneId);
        if (this.running === 0) this.wakeIdle();
      });
    }
  }

  private wakeIdle(): void {
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
