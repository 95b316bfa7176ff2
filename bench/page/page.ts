/** The page: what was measured where, the charts, and every figure with what it is compared with. */
import type { Chart } from './chart.js';
import { markdownTable } from './markdown.js';
import type { FoundFigure, Result } from './result-file.js';
import { SECTIONS, type Figures, type Section } from './sections.js';
import { timeline } from './timelines.js';

export interface Page {
  readonly markdown: string;
  readonly charts: readonly Chart[];
}

/** Above this share of the machine in use by others, figures are low; as in the bench itself. */
const BUSY_LIMIT = 0.2;
const GIBIBYTE = 2 ** 30;

const INTRODUCTION = `# Benchmarks

Made by \`npm run bench:report\` from the results beside this page, which \`npm run bench\` wrote; what each figure is, and is not,
stands in [bench/README.md](../../bench/README.md). The machine does everything at once: the load, the program, the gateways'
sandbox, PostgreSQL and Redis. So read the ratios first: a figure is told beside what it is compared with, measured in the same run.`;

export function pageOf(results: readonly Result[], figures: Figures): Page {
  const sections = [...SECTIONS, ...otherSections(figures)].flatMap((section) => sectionOf(section, figures));
  const markdown = [
    INTRODUCTION,
    aims(figures),
    ...sections.map((section) => section.markdown),
    notMeasured(results, figures),
    runs(results),
  ];
  return {
    markdown: `${markdown.filter((part) => part !== '').join('\n\n')}\n`,
    charts: sections.flatMap((section) => section.charts),
  };
}

/** Benches that this page has no section for get one each. */
function otherSections(figures: Figures): readonly Section[] {
  const known = new Set(SECTIONS.flatMap(({ benches }) => benches));
  const others = new Set([...figures.keys()].map(benchOf).filter((bench) => !known.has(bench)));
  return [...others].map((bench) => ({ title: titleCase(bench), benches: [bench], text: '' }));
}

function sectionOf(section: Section, figures: Figures): readonly { markdown: string; charts: readonly Chart[] }[] {
  const own = [...figures.values()].filter(({ name }) => section.benches.includes(benchOf(name)));
  if (own.length === 0) return [];
  const charts = [section.chart?.(figures), ...own.map(timeline)].filter((chart) => chart !== undefined);
  const markdown = [
    `## ${section.title}`,
    section.text,
    ...charts.map(({ name, description }) => `![${description}](${name}.svg)`),
    figureTable(own),
    section.costs === undefined ? '' : costTable(own, section.costs),
    ...notes(own),
  ];
  return [{ markdown: markdown.filter((part) => part !== '').join('\n\n'), charts }];
}

function figureTable(figures: readonly FoundFigure[]): string {
  const columns: readonly (readonly [string, (figure: FoundFigure) => string])[] = [
    ['figure', ({ name }) => `\`${name}\``],
    ['value', ({ value, unit }) => `${grouped(value)} ${unit}`],
    ['ratio', ratioText],
    ['aim', aimText],
    ['p50 / p99', percentiles],
    ['run', ({ run }) => String(run)],
  ];
  // A section without aims, say, needs no column for them.
  const filled = columns.filter(([, cell]) => figures.some((figure) => cell(figure) !== ''));
  return markdownTable(
    filled.map(([head]) => head),
    figures.map((figure) => filled.map(([, cell]) => cell(figure))),
  );
}

/** What else a section's figures tell: numbers in their details. */
function costTable(figures: readonly FoundFigure[], costs: Readonly<Record<string, string>>): string {
  const keys = Object.keys(costs);
  const telling = figures.filter(({ details }) => keys.some((key) => typeof details[key] === 'number'));
  if (telling.length === 0) return '';
  const cell = (value: unknown): string => (typeof value === 'number' ? grouped(value) : '');
  return markdownTable(
    ['figure', ...Object.values(costs)],
    telling.map(({ name, details }) => [`\`${name}\``, ...keys.map((key) => cell(details[key]))]),
  );
}

function ratioText({ ratio, ratio_to: to }: FoundFigure): string {
  return ratio === null ? `- (${to} was not measured)` : `${ratio.toFixed(2)} x ${to}`;
}

function percentiles({ details }: FoundFigure): string {
  const { p50_ms: p50, p99_ms: p99 } = details;
  if (typeof p50 !== 'number' || typeof p99 !== 'number') return '';
  return `${grouped(p50)} / ${grouped(p99)} ms`;
}

function aimText({ aim, unit }: FoundFigure): string {
  if (aim === null) return '';
  const bound = aim.bound === 'at_least' ? 'at least' : 'at most';
  const wanted = `${bound} ${grouped(aim.limit)} ${aim.of === 'ratio' ? 'x' : unit}`;
  if (aim.met === null) return wanted;
  return `${wanted}: ${aim.met ? 'met' : '**missed**'}`;
}

function notes(figures: readonly FoundFigure[]): readonly string[] {
  return figures.flatMap(({ name, details }) =>
    typeof details['note'] === 'string' ? [`\`${name}\`: ${details['note']}.`] : [],
  );
}

function aims(figures: Figures): string {
  const judged = [...figures.values()].filter(({ aim }) => aim !== null && aim.met !== null);
  const missed = judged.filter(({ aim }) => aim?.met === false);
  if (judged.length === 0) return '';
  const names = missed.map(({ name }) => `\`${name}\``).join(', ');
  return `Aims met: ${judged.length - missed.length} of ${judged.length}${missed.length === 0 ? '' : `; missed: ${names}`}.`;
}

function notMeasured(results: readonly Result[], figures: Figures): string {
  const missing = results.flatMap((each) => each.not_measured).filter(({ name }) => !figures.has(name));
  if (missing.length === 0) return '';
  return `## Not measured\n\n${missing.map(({ name, reason }) => `- \`${name}\`: ${reason}`).join('\n')}`;
}

function runs(results: readonly Result[]): string {
  const rows: readonly (readonly [string, (result: Result) => string])[] = [
    ['date', ({ date }) => `${date.slice(0, 16).replace('T', ' ')} UTC`],
    ['command', ({ command }) => `\`${withoutFiles(command)}\``],
    ['took', ({ took_seconds: seconds }) => `${Math.ceil(seconds / 60)} min`],
    ['each measurement', ({ seconds_per_measurement: seconds }) => `${seconds} s`],
    ['processor', ({ machine }) => `${machine.cores} cores, ${machine.cpu}`],
    ['memory', ({ machine }) => `${Math.round(machine.memory_bytes / GIBIBYTE)} GiB`],
    ['system', ({ machine }) => machine.platform],
    ['processors are shared among', ({ machine }) => sharedAmong(machine.shares_by_session)],
    ['Node', ({ versions }) => versions.node],
    ['PostgreSQL', ({ versions }) => versions.postgresql],
    ['its settings', (result) => settings(result)],
    ['Redis', ({ versions }) => versions.redis ?? 'none'],
    ['pgbench', ({ versions }) => versions.pgbench ?? 'none'],
    ['others on the machine', (result) => busy(result)],
  ];
  const heads = ['', ...results.map((_, index) => `run ${index + 1}`)];
  return `## The runs\n\n${markdownTable(
    heads,
    rows.map(([head, cell]) => [head, ...results.map(cell)]),
  )}`;
}

/** Null: the system knows of nothing else. */
function sharedAmong(sessions: boolean | null | undefined): string {
  if (sessions === undefined) return 'not recorded';
  return sessions === true ? 'sessions' : 'threads';
}

function settings({ postgresql_settings: given }: Result): string {
  return Object.entries(given)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** Said of the moment before each bench; what came up meanwhile is not known. */
function busy({ machine_busy_before: shares }: Result): string {
  const high = Object.entries(shares).filter(([, share]) => share > BUSY_LIMIT);
  if (high.length === 0) return `below ${BUSY_LIMIT * 100}% of it before every bench`;
  return `took ${high.map(([bench, share]) => `${Math.round(share * 100)}% before ${bench}`).join(', ')}`;
}

/** The options that name files are about the machine, not about what was measured. */
function withoutFiles(command: string): string {
  return command.replaceAll(/ --(json|profile)[ =]\S+/g, '');
}

function benchOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

function titleCase(bench: string): string {
  const words = bench.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
