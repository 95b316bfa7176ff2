/** What the page is made of: which figures belong together, and how they are drawn. */
import { bars } from './bars.js';
import type { Chart } from './chart.js';
import type { Panel } from './panel.js';
import type { FoundFigure } from './result-file.js';
import { compact } from './scale.js';

export type Figures = ReadonlyMap<string, FoundFigure>;

export interface Section {
  readonly title: string;
  /** What a name begins with, up to its first dot. */
  readonly benches: readonly string[];
  readonly text: string;
  /** Details of its figures that are worth a table, and how they are called there. */
  readonly costs?: Readonly<Record<string, string>>;
  /** Undefined when none of what it would show was measured. */
  readonly chart?: (figures: Figures) => Chart | undefined;
}

/** What full tables may cost: the aim of table_size. */
const FULL_TABLES = 0.9;

export const SECTIONS: readonly Section[] = [
  {
    title: 'Accepting payments',
    benches: ['sql_floor', 'accept'],
    text: 'Payments answered 202 per second, beside what one transaction per payment costs on the same PostgreSQL in the same minute.',
    chart: acceptChart,
  },
  {
    title: 'End to end, the ledger and the outbox',
    benches: ['end_to_end', 'ledger', 'outbox', 'memory'],
    text: 'From the request to the signed webhook and the booking; and the parts by themselves.',
  },
  {
    title: 'Full tables',
    benches: ['table_size'],
    text: `The same load on empty tables and on tables that hold the rows of many payments, in turns. They are copies of a real payment in
every table that keeps its rows, spread over 30 days; keys, outbox and inbox hold what retention leaves of them. Names (keys and references)
are counted up, or random as UUIDs are, so that each falls on another page of its index: after a checkpoint, PostgreSQL writes the whole of
a page to its log when it first changes. What a payment costs PostgreSQL tells of that whatever else the machine does.`,
    costs: {
      program_cpu_ms_per_payment: 'program, ms of processor',
      blocks_touched_per_payment: 'blocks touched',
      blocks_read_per_payment: 'blocks read',
      wal_bytes_per_payment: 'bytes of log',
    },
    chart: (figures) => growthChart(figures, tableSizeChart),
  },
  {
    title: 'More processes',
    benches: ['processes'],
    text: 'One process that does everything; one that answers and one that works; two of each. All of them share the cores with PostgreSQL, Redis, the sandbox and the load.',
    chart: (figures) => growthChart(figures, processesChart),
  },
  {
    title: 'More merchants',
    benches: ['merchants'],
    text: 'The same load shared by more merchants, each with a key, limits and accounts of its own.',
    chart: (figures) => growthChart(figures, merchantsChart),
  },
  {
    title: 'A backlog',
    benches: ['backlog'],
    text: 'Events that gathered while nothing consumed them, then a worker starts: its relay hands all of them to the queue at once, and its consumer applies them.',
    costs: { bytes_per_waiting_event: 'bytes of Redis per waiting event' },
  },
];

/** A panel for each of the `what`s, with a bar for each size that was measured. */
interface GrowthChart {
  readonly bench: string;
  readonly description: string;
  readonly xLabel: string;
  readonly panels: readonly { readonly what: string; readonly title: string; readonly aim?: number }[];
}

const tableSizeChart: GrowthChart = {
  bench: 'table_size',
  description: 'Payments per second, accepted and end to end, by the number of payments in the tables',
  xLabel: 'payments in the tables',
  panels: [
    { what: 'accept', title: 'Accepted', aim: FULL_TABLES },
    { what: 'accept_random', title: 'Accepted, random names', aim: FULL_TABLES },
    { what: 'end_to_end', title: 'End to end', aim: FULL_TABLES },
  ],
};

const processesChart: GrowthChart = {
  bench: 'processes',
  description: 'Payments per second, accepted and end to end, by the number of processes of the program',
  xLabel: 'processes of the program',
  panels: [
    { what: 'accept', title: 'Accepted, everything on' },
    { what: 'end_to_end', title: 'End to end' },
  ],
};

const merchantsChart: GrowthChart = {
  bench: 'merchants',
  description: 'Payments accepted and transfers booked per second, by the number of merchants that share the load',
  xLabel: 'merchants',
  panels: [
    { what: 'accept', title: 'Accepted' },
    { what: 'ledger', title: 'Booked' },
  ],
};

function acceptChart(figures: Figures): Chart | undefined {
  const connections = [64, 256];
  const series = [
    { name: 'one transaction per payment', of: 'sql_floor' },
    { name: 'accepting', of: 'accept.http' },
    { name: 'accepting, everything on', of: 'accept.all' },
  ]
    .map(({ name, of }) => ({ name, values: connections.map((each) => figures.get(`${of}.c${each}`)?.value) }))
    .filter(({ values }) => values.some((value) => value !== undefined));
  if (series.length === 0) return undefined;
  return {
    name: 'accept',
    description: 'Payments per second at 64 and 256 connections: one transaction per payment, and the program',
    columns: 1,
    panels: [
      bars({
        title: 'Accepting, against one transaction per payment',
        unit: 'payments/s',
        xLabel: 'connections',
        categories: connections.map(String),
        series,
      }),
    ],
  };
}

function growthChart(figures: Figures, { bench, description, xLabel, panels }: GrowthChart): Chart | undefined {
  const drawn = panels.flatMap(({ what, title, aim }): Panel[] => {
    const measured = sizesOf(figures, `${bench}.${what}.n`);
    const [first] = measured;
    if (first === undefined) return [];
    const mark = aim === undefined ? {} : { mark: { value: first.figure.value * aim, label: `${aim} of the first` } };
    return [
      bars({
        title,
        unit: first.figure.unit,
        xLabel,
        categories: measured.map(({ size }) => compact(size)),
        series: [{ name: title, values: measured.map(({ figure }) => figure.value) }],
        ...mark,
      }),
    ];
  });
  return drawn.length === 0 ? undefined : { name: bench, description, columns: 2, panels: drawn };
}

/** Figures whose names end in a number, by that number. */
function sizesOf(figures: Figures, prefix: string): readonly { readonly size: number; readonly figure: FoundFigure }[] {
  return [...figures.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .map((figure) => ({ size: Number(figure.name.slice(prefix.length)), figure }))
    .sort((a, b) => a.size - b.size);
}
