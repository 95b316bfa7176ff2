/**
 * Where callers come in: a thread of its own (door-thread.ts) holds the address they know, refuses for whom there is no room, and passes
 * all others on to the HTTP server, which listens on a socket that only this process knows. When ten times too many come, the thread that
 * works is busy for tens of milliseconds at a time; nobody should wait so long for a no, and saying it should not keep anybody from working.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Admissible } from '../admission/priority.js';
import type { DoorwayOptions } from './doorway.js';
import type { Opened } from './door-thread.js';
import { PRIORITIES, REFUSAL_REASONS, RoomTold, type RefusalReason } from './room.js';

/** A thread whose heap grows beyond this holds what nobody takes; it needs some 10 KB for each connection. */
const MAX_HEAP_MB = 256;
/** What it makes is forgotten at once. */
const YOUNG_HEAP_MB = 8;
/** Between two tellings, in ms: about as long as a turn of a busy event loop. */
const TELL_EVERY_MS = 5;

export interface DoorOptions extends Omit<DoorwayOptions, 'room'> {
  /** How many more of a priority may come in now. */
  readonly room: (priority: Admissible) => number;
  /** Told now and then how many were refused. */
  readonly onRefused: (reason: RefusalReason, priority: Admissible, count: number) => void;
  /** The thread has died, and nobody comes in any more. */
  readonly onDeath: (reason: string) => void;
}

export class DoorError extends Error {
  override readonly name = 'DoorError';
  constructor(
    /** As Node has it: EADDRINUSE, EACCES. */
    readonly code: string | undefined,
    reason: string,
  ) {
    super(reason);
  }
}

export class Door {
  private readonly telling: NodeJS.Timeout;
  private closing = false;

  private constructor(
    private readonly options: DoorOptions,
    private readonly thread: Worker,
    private readonly told: RoomTold,
    readonly port: number,
  ) {
    this.telling = setInterval(() => this.tell(), TELL_EVERY_MS);
    this.telling.unref();
    thread.once('error', (error) => options.onDeath(error.message));
    thread.once('exit', () => {
      if (!this.closing) options.onDeath('the thread at the door has ended');
    });
  }

  /** @throws {DoorError} where the address cannot be listened on */
  static async open(options: DoorOptions): Promise<Door> {
    const told = new RoomTold();
    told.tell(options.room);
    const { port, host, backlog, inside, routes, idleTimeoutMs } = options;
    const workerData: DoorwayOptions = {
      ...{ port, host, backlog, inside, routes, idleTimeoutMs },
      room: told.memory,
    };
    const thread = new Worker(new URL('door-thread.js', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    });
    const [opened] = (await once(thread, 'message')) as [Opened];
    if ('reason' in opened) throw new DoorError(opened.code, opened.reason);
    return new Door(options, thread, told, opened.port);
  }

  /** Nobody else comes in. Resolves when all have left: those whose requests the server inside has answered do, or whose lines it ends. */
  async close(): Promise<void> {
    this.closing = true;
    const ended = once(this.thread, 'exit');
    this.thread.postMessage('close');
    await ended;
    clearInterval(this.telling);
    this.tell();
  }

  private tell(): void {
    this.told.tell(this.options.room);
    for (const reason of REFUSAL_REASONS) {
      for (const priority of PRIORITIES) {
        const count = this.told.takeRefused(reason, priority);
        if (count > 0) this.options.onRefused(reason, priority, count);
      }
    }
  }
}
