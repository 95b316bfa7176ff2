/** The table for people, and the same as JSON for programs. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Figure, Figures } from './figures.js';
import { sharesBySession } from './machine.js';
import type { Services } from './services.js';

/** Raised when a name or a unit changes its meaning, so that a program does not compare what cannot be compared. */
const FORMAT = 1;

export interface RunFacts {
  readonly startedAt: Date;
  readonly command: string;
  readonly seconds: number;
  readonly services: Pick<Services, 'postgres' | 'redis' | 'pgbench'>;
}

export function writeJson(file: string, facts: RunFacts, figures: Figures): void {
  const { services } = facts;
  const report = {
    format: FORMAT,
    date: facts.startedAt.toISOString(),
    command: facts.command,
    seconds_per_measurement: facts.seconds,
    took_seconds: Math.round((Date.now() - facts.startedAt.getTime()) / 1_000),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memory_bytes: totalmem(),
      platform: `${process.platform} ${process.arch}`,
      shares_by_session: sharesBySession() ?? null,
    },
    versions: {
      node: process.versions.node,
      postgresql: services.postgres.version,
      redis: services.redis?.version ?? null,
      pgbench: services.pgbench ?? null,
    },
    postgresql_settings: services.postgres.settings,
    machine_busy_before: figures.busyBefore,
    figures: figures.measured.map((figure) => ({
      name: figure.name,
      value: figure.value,
      unit: figure.unit,
      ratio: figure.ratio,
      ratio_to: figure.ratioTo,
      aim: figure.aim ?? null,
      details: figure.details,
    })),
    not_measured: figures.missing,
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

export function table(figures: Figures): string {
  const rows = figures.measured.map((figure) => [
    figure.name,
    `${grouped(figure.value)} ${figure.unit}`,
    figure.ratio === null ? `- (${figure.ratioTo} was not measured)` : `${figure.ratio.toFixed(2)} x ${figure.ratioTo}`,
    aimText(figure),
  ]);
  const lines = [['figure', 'value', 'ratio', 'aim'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function aimText({ aim }: Figure): string {
  if (aim === undefined) return '';
  const wanted = `${aim.bound === 'at_least' ? '>=' : '<='} ${grouped(aim.limit)}${aim.of === 'ratio' ? ' x' : ''}`;
  if (aim.met === null) return wanted;
  return `${wanted}  ${aim.met ? 'met' : 'MISSED'}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
