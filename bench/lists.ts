/** What operators wait for: a list's first page, a search, and how gateways do, among a million payments. */
import { Agent } from 'undici';
import { BenchError } from './bench-error.js';
import type { Figures } from './figures.js';
import { ACCOUNT, CLEARING, fillLists, PAYMENTS, type Sample } from './lists-rows.js';
import type { RunningApp, Stage } from './stage.js';

const AIM_MS = 200;
const WARM_UP = 3;
/** How often each of the other lists is asked for, as it is and by each of its filters. */
const TIMES = 12;

export async function benchLists(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  stage.say(`    ${PAYMENTS.toLocaleString('en-US')} payments`);
  const samples = await fillLists(stage, databaseUrl);
  const app = await stage.startApp({ databaseUrl, role: 'http' });
  for (const { name, paths } of questions(samples)) add(figures, name, await slowest(stage, app, [paths]));
  for (const { name, ways } of await otherLists(stage, app)) {
    const paths = ways.map((way) => Array.from({ length: TIMES }, () => way));
    add(figures, name, await slowest(stage, app, paths));
  }
  await app.stop();
  await stage.databases.drop(databaseUrl);
}

interface Waited {
  readonly p50: number;
  readonly p95: number;
  readonly asked: number;
  /** One of those that were waited for. */
  readonly path: string;
}

function add(figures: Figures, name: string, { p50, p95, asked, path }: Waited): void {
  figures.add({
    name: `lists.${name}`,
    value: p95,
    unit: 'ms',
    ratioTo: 'the aim',
    reference: AIM_MS,
    aim: { of: 'value', bound: 'at_most', limit: AIM_MS },
    details: { measure: '95 of 100 answers come within', p50_ms: p50, asked, path, payments: PAYMENTS },
  });
}

/** Of several ways to ask, the one that takes longest. */
async function slowest(stage: Stage, app: RunningApp, ways: readonly (readonly string[])[]): Promise<Waited> {
  let most: Waited | undefined;
  for (const paths of ways) {
    // Plans are made, and code is compiled.
    await ask(stage, app, paths.slice(0, WARM_UP));
    const times = await ask(stage, app, paths);
    const waited = {
      p50: quantile(times, 0.5),
      p95: quantile(times, 0.95),
      asked: times.length,
      path: paths[0] ?? '',
    };
    if (most === undefined || waited.p95 > most.p95) most = waited;
  }
  if (most === undefined) throw new BenchError('there was nothing to ask');
  return most;
}

interface Question {
  readonly name: string;
  readonly paths: readonly string[];
}

function questions(samples: readonly Sample[]): readonly Question[] {
  const list = '/admin/v1/payments?livemode=true';
  const each = (name: string, of: (sample: Sample) => string): Question => ({
    name,
    paths: samples.map((sample) => `${list}&${of(sample)}`),
  });
  const search = (text: string): string => `q=${encodeURIComponent(text)}`;
  return [
    { name: 'first_page', paths: samples.map(() => list) },
    each('by_reference', ({ reference }) => search(reference)),
    each('by_gateway_reference', ({ attempt_reference: reference }) => search(reference)),
    each('by_phone', ({ phone }) => search(phone)),
    each('by_local_phone', ({ phone }) => search(`0${phone.slice(4)}`)),
    each('by_email', ({ email }) => search(email)),
    each('by_merchant', ({ merchant }) => `merchant=${merchant}`),
    each('by_merchant_and_status', ({ merchant }) => `merchant=${merchant}&status=failed`),
    each('by_what_is_rare', () => 'status=canceled'),
    each('by_amount', () => 'amount_from=999999999'),
    { name: 'test_mode', paths: samples.map(() => '/admin/v1/payments?livemode=false') },
    { name: 'refunds', paths: samples.map(() => '/admin/v1/refunds?livemode=true') },
    { name: 'payouts', paths: samples.map(() => '/admin/v1/payouts?livemode=true') },
    { name: 'one_payment', paths: samples.map(({ id }) => `/admin/v1/payments/${id}`) },
    ...(['1h', '24h', '7d'] as const).map((window) => ({
      name: `gateways_${window}`,
      paths: samples.map(() => `/admin/v1/routing/performance?livemode=true&window=${window}`),
    })),
    {
      name: 'one_gateway',
      paths: samples.map(() => `/admin/v1/routing/performance?livemode=true&window=7d&gateway_account=${ACCOUNT}`),
    },
  ];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly get?: { readonly parameters?: readonly Parameter[] } }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly enum?: readonly string[] };
}
interface List {
  readonly name: string;
  /** As it is, and by each value of each filter: what is rare, or not there at all, is looked for the longest. */
  readonly ways: readonly string[];
}

/** Every list of operators that the app has, besides those that are asked for more things: whichever come to be are measured as well. */
async function otherLists(stage: Stage, app: RunningApp): Promise<readonly List[]> {
  const origin = `http://${app.host}:${app.port}`;
  const { paths } = (await (await fetch(`${origin}/openapi.json`, { signal: stage.signal })).json()) as OpenApi;
  const lists = Object.entries(paths).flatMap(([path, { get }]) => {
    const parameters = (get?.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const isList = path.startsWith('/admin/v1/') && parameters.some(({ name }) => name === 'limit');
    if (!isList || path.includes('{') || MORE_ASKED.has(path)) return [];
    const required = parameters.filter((parameter) => parameter.required).map(({ name }) => `${name}=true`);
    const filters = parameters
      .filter(({ name, required: must }) => name !== 'format' && must !== true)
      .flatMap(({ name, schema }) => (schema.enum ?? []).map((value) => `${name}=${value}`));
    const ways = ['', ...filters].map((filter) => `${path}?${[...required, filter].filter(Boolean).join('&')}`);
    return [{ name: path.slice('/admin/v1/'.length).replaceAll('/', '_'), ways }];
  });
  return [...lists, { name: 'ledger_statement', ways: [`/admin/v1/ledger/accounts/${CLEARING}/statement`] }];
}

const MORE_ASKED: ReadonlySet<string> = new Set(['/admin/v1/payments', '/admin/v1/refunds', '/admin/v1/payouts']);

async function ask(stage: Stage, app: RunningApp, paths: readonly string[]): Promise<readonly number[]> {
  const agent = new Agent({ connections: 1 });
  const times: number[] = [];
  try {
    for (const path of paths) {
      stage.signal.throwIfAborted();
      const startedAt = performance.now();
      const { statusCode, body } = await agent.request({
        origin: `http://${app.host}:${app.port}`,
        path,
        method: 'GET',
        headers: { authorization: `Bearer ${stage.adminKey}` },
      });
      const text = await body.text();
      times.push(performance.now() - startedAt);
      if (statusCode !== 200) throw new BenchError(`${path} was answered ${statusCode}: ${text.slice(0, 200)}`);
    }
  } finally {
    await agent.close();
  }
  return times;
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
