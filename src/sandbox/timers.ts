/** Timers that can all be dropped at once, so that a reset or a shutdown leaves nothing to fire afterwards. */
export class Timers {
  private readonly live = new Set<NodeJS.Timeout>();

  /** Runs `action` once after `ms` milliseconds, unless `clear` comes first. */
  after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.live.delete(timer);
      action();
    }, ms);
    this.live.add(timer);
  }

  clear(): void {
    for (const timer of this.live) clearTimeout(timer);
    this.live.clear();
  }
}
