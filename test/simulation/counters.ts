/** "Sometimes" assertions: what a run met, counted. A fault that was never met proves nothing. */

export interface Counters {
  add(name: string, count?: number): void;
  get(name: string): number;
  all(): Readonly<Record<string, number>>;
}

export function createCounters(): Counters {
  const counts = new Map<string, number>();
  return {
    add: (name, count = 1) => {
      if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
    },
    get: (name) => counts.get(name) ?? 0,
    all: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Lines of three, for a terminal. */
export function describeCounters(counts: Readonly<Record<string, number>>): string {
  const columns = 3;
  const width = 46;
  const cells = Object.entries(counts).map(([name, count]) => `${name} ${count}`.padEnd(width));
  const lines: string[] = [];
  for (let from = 0; from < cells.length; from += columns)
    lines.push(
      `  ${cells
        .slice(from, from + columns)
        .join('')
        .trimEnd()}`,
    );
  return lines.join('\n');
}
