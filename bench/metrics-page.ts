/** What the program says about itself at /metrics. */
import type { RunningApp } from './stage.js';

/** Values by name and labels, as they stand on the page: `name` or `name{label="value"}`. */
export type MetricsPage = ReadonlyMap<string, number>;

const LINE = /^([a-z0-9_]+(?:\{[^}]*\})?) ([^ ]+)$/gm;
const ANSWER_TIMEOUT_MS = 10_000;

export async function readMetrics({ host, port }: Pick<RunningApp, 'host' | 'port'>): Promise<MetricsPage> {
  const response = await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  const text = await response.text();
  return new Map([...text.matchAll(LINE)].map(([, name = '', value]) => [name, Number(value)]));
}

/** Those of one name, by their labels. */
export function labelled(page: MetricsPage, name: string): Record<string, number> {
  return Object.fromEntries(
    [...page].filter(([key]) => key.startsWith(`${name}{`)).map(([key, value]) => [key.slice(name.length), value]),
  );
}
