/** Results of runs as `--json` writes them, and all of them together. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { BenchError } from '../bench-error.js';

/** What this reads; see FORMAT in report.ts. */
const FORMAT = 1;

const figure = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  ratio: z.number().nullable(),
  ratio_to: z.string(),
  aim: z
    .object({
      of: z.enum(['value', 'ratio']),
      bound: z.enum(['at_least', 'at_most']),
      limit: z.number(),
      met: z.boolean().nullable(),
    })
    .nullable(),
  details: z.record(z.string(), z.unknown()),
});

const result = z.object({
  format: z.literal(FORMAT),
  date: z.iso.datetime(),
  command: z.string(),
  seconds_per_measurement: z.number(),
  took_seconds: z.number(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memory_bytes: z.number(),
    platform: z.string(),
    shares_by_session: z.boolean().nullish(),
  }),
  versions: z.object({
    node: z.string(),
    postgresql: z.string(),
    redis: z.string().nullable(),
    pgbench: z.string().nullable(),
  }),
  postgresql_settings: z.record(z.string(), z.string()),
  machine_busy_before: z.record(z.string(), z.number()),
  figures: z.array(figure),
  not_measured: z.array(z.object({ name: z.string(), reason: z.string() })),
});

export type Result = z.infer<typeof result>;
export type ResultFigure = z.infer<typeof figure>;

/** @throws {BenchError} when it is no result, or one whose names and units mean something else */
export function readResult(file: string): Result {
  const name = path.basename(file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BenchError(`${name} cannot be read: ${error instanceof Error ? error.message : 'no reason given'}`);
  }
  const parsed = result.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BenchError(`${name} is no result of the bench: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** A figure, and the number of the run that measured it, from 1 on. */
export interface FoundFigure extends ResultFigure {
  readonly run: number;
}

/** The figures of all runs. Of one that several measured, that of the first: so a yardstick stays beside what it is for. */
export function figuresOf(results: readonly Result[]): ReadonlyMap<string, FoundFigure> {
  const found = new Map<string, FoundFigure>();
  for (const [index, { figures }] of results.entries()) {
    for (const each of figures) if (!found.has(each.name)) found.set(each.name, { ...each, run: index + 1 });
  }
  return found;
}
