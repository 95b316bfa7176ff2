import type { Operation } from './gateway.js';

/** How many requests each gateway has had, by what they did. Refused connections never become requests. */
export class RequestCounts {
  private readonly counts = new Map<string, { gateway: string; operation: Operation; count: number }>();

  add(gateway: string, operation: Operation): void {
    const key = `${gateway} ${operation}`;
    const known = this.counts.get(key);
    if (known) known.count += 1;
    else this.counts.set(key, { gateway, operation, count: 1 });
  }

  summary(): { gateway: string; operation: Operation; count: number }[] {
    return [...this.counts.values()];
  }
}
