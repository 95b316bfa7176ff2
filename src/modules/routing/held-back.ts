/**
 * What can wait a moment is held back: when something more important about the same thing comes meanwhile, both go together, and what
 * would have been two writes is one.
 */
interface Held<T> {
  readonly item: T;
  readonly since: number;
}

export interface HeldBackOptions<T> {
  /** How long an item is held at most, in ms. */
  readonly forMs: number;
  /** Takes an item that is held no longer. Must not throw. */
  release(item: T): void;
}

export class HeldBack<T> {
  /** In the order of their coming, and so of their going: all are held for the same time. */
  private readonly held = new Map<string, Held<T>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HeldBackOptions<T>) {}

  /** Holds an item; one with the same key that is held already goes first. */
  hold(key: string, item: T): void {
    this.release(key);
    this.held.set(key, { item, since: performance.now() });
    this.timer ??= setTimeout(() => this.releaseOld(), this.options.forMs);
  }

  /** Lets an item go now, if it is held. */
  release(key: string): void {
    const held = this.held.get(key);
    if (held === undefined) return;
    this.held.delete(key);
    this.options.release(held.item);
  }

  releaseAll(): void {
    for (const key of [...this.held.keys()]) this.release(key);
  }

  private releaseOld(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [key, { since }] of this.held) {
      const remainingMs = since + this.options.forMs - now;
      // A timer may come a fraction of a millisecond early.
      if (remainingMs > 1) {
        this.timer = setTimeout(() => this.releaseOld(), remainingMs);
        return;
      }
      this.release(key);
    }
  }
}
