/**
 * The program's processes: two that do everything and a third that only works, so that there are two of every role and three of every
 * scheduler. Whatever ends is started again, as a supervisor would, each time as the plan says.
 */
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashPoint } from '../../../src/kernel/crash-points/crash-point-names.js';
import type { Counters } from '../counters.js';
import { freePort } from '../../support/free-port.js';
import { startBuilt, type TestProcess } from '../../support/program.js';

/** How a process is started. */
export interface Start {
  /** As SIMULATION_CRASH_POINTS has it. */
  readonly crashPoints: string;
  /** How far its clock is off. */
  readonly skewMs: number;
  /** How long it stays frozen if it is armed to freeze. */
  readonly freezeMs: number;
}

/** A crash point at which this run's processes die until one of them has, whatever else they are armed with. */
export interface DuePoint {
  readonly point: CrashPoint;
  /** The time that a process comes there. */
  readonly hit: number;
  /** Of requests, which a process that only works does not answer. */
  readonly isOfRequests: boolean;
  /** Every process is armed with it. Of the others each is one process's at a time, or all would die of it one after the other. */
  readonly isRare: boolean;
}

export const SLOTS = ['first', 'second', 'worker'] as const;
export type SlotName = (typeof SLOTS)[number];

const UNDISTURBED: Start = { crashPoints: 'watch', skewMs: 0, freezeMs: 0 };
/** A supervisor's pause. */
const RESTART_PAUSE_MS = 100;
const LOOK_EVERY_MS = 50;
const ASK_EVERY_MS = 100;
const ASK_TIMEOUT_MS = 1_000;
const CLOCK = pathToFileURL(path.join(import.meta.dirname, 'skewed-clock.mjs')).href;

export interface FleetOptions {
  /** Settings that all share. */
  readonly env: Readonly<Record<string, string>>;
  readonly slots: readonly SlotName[];
  readonly starts: Readonly<Record<SlotName, readonly Start[]>>;
  readonly due: readonly DuePoint[];
  readonly counters: Counters;
  readonly note: (text: string) => void;
}

export class Fleet {
  private constructor(
    private readonly slots: readonly Slot[],
    private readonly due: Map<string, DuePoint>,
  ) {}

  static async start(options: FleetOptions): Promise<Fleet> {
    const ports = await Promise.all(options.slots.map(() => freePort()));
    const due = new Map(options.due.map((each) => [each.point, each]));
    const slots = options.slots.map((name, index) => new Slot(name, ports[index] ?? 0, options, due));
    for (const slot of slots) slot.begin();
    return new Fleet(slots, due);
  }

  /** Addresses of the processes that answer merchants: of those that are ready, else of all. */
  urls(): readonly string[] {
    const serving = this.slots.filter(({ name }) => name !== 'worker');
    const ready = serving.filter((slot) => slot.ready);
    return (ready.length > 0 ? ready : serving).map(({ port }) => `http://127.0.0.1:${port}`);
  }

  readyPort(): number | undefined {
    const ready = this.slots.filter((slot) => slot.ready && slot.name !== 'worker');
    return ready[Math.floor(Math.random() * ready.length)]?.port;
  }

  /** Until one answers. */
  async someReady(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.readyPort() === undefined) {
      if (Date.now() > deadline) throw new Error(`The program did not become ready:\n${this.logs().slice(-4_000)}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  slot(name: SlotName): Slot {
    const slot = this.slots.find((each) => each.name === name);
    if (slot === undefined) throw new Error(`There is no slot ${name}`);
    return slot;
  }

  all(): readonly Slot[] {
    return this.slots;
  }

  /** Until then nothing is armed and no clock is off, so that a world can be made. All die, and come back as the plan has it. */
  async arm(timeoutMs: number): Promise<void> {
    for (const slot of this.slots) slot.arm();
    await this.someReady(timeoutMs);
  }

  /** From now on nothing is armed and no clock is off; what is armed already stays so. */
  calm(): void {
    this.due.clear();
    for (const slot of this.slots) slot.calm();
  }

  logs(): string {
    return this.slots.map((slot) => slot.logs()).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.end()));
  }
}

export class Slot {
  ready = false;
  private process: TestProcess | undefined;
  private starts: Start[];
  private isArmed = false;
  private ending = false;
  private frozen = false;
  private started = 0;
  private loop: Promise<void> = Promise.resolve();
  private earlierLogs = '';

  constructor(
    readonly name: SlotName,
    readonly port: number,
    private readonly options: FleetOptions,
    /** Those at which nobody has died yet. */
    private readonly due: Map<string, DuePoint>,
  ) {
    this.starts = [...options.starts[name]];
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  begin(): void {
    this.loop = this.keepRunning();
  }

  arm(): void {
    this.isArmed = true;
    this.kill();
  }

  calm(): void {
    this.starts = [];
  }

  /** SIGKILL. */
  kill(): void {
    this.ready = false;
    void this.process?.kill9();
  }

  /** SIGSTOP, and SIGCONT after a while. @returns false if it is frozen already */
  async freeze(ms: number): Promise<boolean> {
    const { process } = this;
    if (process === undefined || this.frozen) return false;
    process.pause();
    await this.thaw(process, ms);
    return true;
  }

  logs(): string {
    return `${this.earlierLogs}${this.process?.logs() ?? ''}`;
  }

  async end(): Promise<void> {
    this.ending = true;
    this.process?.resume();
    await this.process?.kill9();
    await this.loop;
  }

  private async keepRunning(): Promise<void> {
    while (!this.ending) {
      const start = (this.isArmed ? this.starts.shift() : undefined) ?? UNDISTURBED;
      const process = this.spawn(start);
      this.process = process;
      const ended = process.exited.then(() => {
        this.ready = false;
      });
      const asking = this.askUntilReady(process, ended);
      await this.watch(process, start, ended);
      await asking;
      this.earlierLogs = `${this.earlierLogs}${process.logs()}`;
      this.process = undefined;
      this.options.counters.add('program_restarts');
      if (!this.ending) await sleep(RESTART_PAUSE_MS);
    }
  }

  private spawn(start: Start): TestProcess {
    const skew: Record<string, string> =
      start.skewMs === 0 ? {} : { NODE_OPTIONS: `--import=${CLOCK}`, SIMULATION_CLOCK_SKEW_MS: String(start.skewMs) };
    if (start.skewMs !== 0) this.options.counters.add('clock_skew');
    return startBuilt('main.js', {
      ...this.options.env,
      ...skew,
      PORT: String(this.port),
      ROLE: this.name === 'worker' ? 'worker' : 'all',
      SIMULATION_CRASH_POINTS: this.armed(start),
    });
  }

  private armed({ crashPoints }: Start): string {
    if (!this.isArmed) return crashPoints;
    const { slots } = this.options;
    // With each start it is another one's turn.
    const turn = slots.indexOf(this.name) + this.started;
    this.started += 1;
    const due = [...this.due.values()]
      .filter(({ isRare }, position) => isRare || (position + turn) % slots.length === 0)
      .filter(({ isOfRequests }) => this.name !== 'worker' || !isOfRequests)
      .map(({ point, hit }) => `${point}:${hit}:kill`);
    if (due.length === 0) return crashPoints;
    return [...(crashPoints === UNDISTURBED.crashPoints ? [] : [crashPoints]), ...due].join(',');
  }

  /** Reads what the process tells of its crash points, and wakes it when it has frozen itself. */
  private async watch(process: TestProcess, start: Start, ended: Promise<void>): Promise<void> {
    let read = 0;
    let over = false;
    void ended.then(() => {
      over = true;
    });
    for (;;) {
      const last = over;
      const logs = process.logs();
      const end = logs.lastIndexOf('\n') + 1;
      for (const line of logs.slice(read, end).split('\n')) this.hear(process, start, line);
      read = Math.max(read, end);
      if (last) return;
      await Promise.race([ended, sleep(LOOK_EVERY_MS)]);
    }
  }

  private hear(process: TestProcess, start: Start, line: string): void {
    const { counters, note } = this.options;
    const met = /^\{"crash_point_met":"([a-z_.]+)"\}$/.exec(line)?.[1];
    if (met !== undefined) counters.add(`met ${met}`);
    const struck = /^\{"crash_point_struck":"([a-z_.]+)","action":"(kill|freeze)"\}$/.exec(line);
    const [, point, action] = struck ?? [];
    if (point === undefined) return;
    note(`${this.name} ${action === 'kill' ? 'dies' : 'freezes'} at ${point}`);
    counters.add(`${action === 'kill' ? 'crash' : 'freeze'} ${point}`);
    counters.add(action === 'kill' ? 'crash_points_struck' : 'freeze_points_struck');
    if (action === 'kill') this.due.delete(point);
    if (action === 'kill' && !this.ready) counters.add('double_crash');
    this.ready = false;
    if (action === 'freeze') void this.thaw(process, start.freezeMs);
  }

  private async thaw(process: TestProcess, ms: number): Promise<void> {
    this.frozen = true;
    await Promise.race([process.exited, sleep(ms)]);
    process.resume();
    this.frozen = false;
  }

  private async askUntilReady(process: TestProcess, ended: Promise<void>): Promise<void> {
    while (this.process === process && !this.ending) {
      if (!this.frozen) {
        const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`, {
          signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
        }).then(
          async (response) => {
            await response.arrayBuffer();
            return response.ok;
          },
          () => false,
        );
        this.ready = answer && this.process === process;
      }
      const over = await Promise.race([ended.then(() => true), sleep(ASK_EVERY_MS, false)]);
      if (over) return;
    }
  }
}
