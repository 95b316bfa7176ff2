/** What operators wait for: a list's first page, a search, and how gateways do, among a million payments. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import pg from 'pg';
import { encodeId } from '../src/kernel/ids/ids.js';
import { BenchError } from './bench-error.js';
import type { Figures } from './figures.js';
import { checkpoint } from './scratch-database.js';
import type { RunningApp, Stage } from './stage.js';

const PAYMENTS = 1_000_000;
const AIM_MS = 200;
/** Of each question, with other words each time. */
const TIMES = 40;
const WARM_UP = 3;
/** Over the last month, of fifty merchants; one in twenty failed, one in a hundred was refunded. Every person pays some ten times. */
const PEOPLE = 100_000;
const MERCHANTS = 50;

export async function benchLists(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  stage.say(`    ${PAYMENTS.toLocaleString('en-US')} payments`);
  const samples = await fillWithPeople(stage, databaseUrl);
  const app = await stage.startApp({ databaseUrl, role: 'http' });
  for (const { name, paths } of questions(samples)) {
    // Plans are made, and code is compiled.
    await ask(stage, app, paths.slice(0, WARM_UP));
    const times = await ask(stage, app, paths);
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    figures.add({
      name: `lists.${name}`,
      value: p95,
      unit: 'ms',
      ratioTo: 'the aim',
      reference: AIM_MS,
      aim: { of: 'value', bound: 'at_most', limit: AIM_MS },
      details: { measure: '95 of 100 answers come within', p50_ms: p50, asked: times.length, payments: PAYMENTS },
    });
  }
  await app.stop();
  await stage.databases.drop(databaseUrl);
}

interface Sample {
  readonly id: string;
  readonly reference: string;
  readonly phone: string;
  readonly email: string;
  readonly attempt_reference: string;
  readonly merchant: string;
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

/** The one that all payments went through. */
const ACCOUNT_ID = randomUUID();
const ACCOUNT = encodeId('gatewayAccount', ACCOUNT_ID);

/** UUIDv7 of a time, as in growth/payment-rows.ts. */
const ID = (what: string): string =>
  `overlay(overlay(md5('${what}' || n) PLACING lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' FROM 1 FOR 13) PLACING 'a' FROM 17 FOR 1)::uuid`;
/** The same moments in every statement. */
const END = new Date().toISOString();
const NUMBERS = `SELECT n, '${END}'::timestamptz - make_interval(secs => (${PAYMENTS} - n) * 30 * 86400.0 / ${PAYMENTS}) AS at, n % ${PEOPLE} AS person,
    md5('merchant' || n % ${MERCHANTS})::uuid AS merchant FROM generate_series(1, ${PAYMENTS}) AS n`;

async function fillWithPeople(stage: Stage, databaseUrl: string): Promise<readonly Sample[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    await client.query(`
      INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, metadata, platform_fee, status, failure_code,
        gateway, gateway_account_id, winning_attempt_id, gateway_fee, correlation_id, created_at, concluded_at)
      SELECT ${ID('payment')}, merchant, true, 'order-' || md5('reference' || n), 1000 + n % 90000, 'GHS',
        jsonb_build_object('type', 'mobile_money', 'network', 'mtn', 'phone', '+23324' || lpad(person::text, 7, '0')),
        jsonb_build_object('email', 'person' || person || '@example.com'), '{}', 5,
        CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'succeeded' END, CASE WHEN n % 20 = 0 THEN 'declined' END,
        'paystack', md5('account')::uuid, CASE WHEN n % 20 <> 0 THEN ${ID('attempt')} END, 2, 'req_' || n, at, at
        FROM (${NUMBERS}) rows`);
    stage.signal.throwIfAborted();
    await client.query(`
      INSERT INTO payments.attempt (id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, started_at, concluded_at)
      SELECT ${ID('attempt')}, ${ID('payment')}, merchant, 3, 'paystack', md5('account')::uuid, md5('gateway' || n), 'succeeded', at, at
        FROM (${NUMBERS}) rows`);
    await client.query(`
      INSERT INTO payments.refund (id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, metadata, status, gateway,
        gateway_account_id, attempt_id, gateway_fee, correlation_id, created_at, succeeded_at, concluded_at)
      SELECT ${ID('refund')}, merchant, true, ${ID('payment')}, 'merchant', ${ID('attempt')}, 500, 'GHS', 500, '{}', 'succeeded', 'paystack',
        md5('account')::uuid, ${ID('refunding')}, 0, 'req_' || n, at, at, at
        FROM (${NUMBERS}) rows WHERE n % 100 = 1`);
    stage.signal.throwIfAborted();
    await fillRouting(client);
    await client.query('VACUUM (ANALYZE)');
    const { rows } = await client.query<Sample & { merchant_id: string }>(
      `SELECT p.id, p.reference, p.method ->> 'phone' AS phone, p.customer ->> 'email' AS email, a.reference AS attempt_reference, p.merchant_id
         FROM payments.payment p JOIN payments.attempt a ON a.payment_id = p.id WHERE right(p.reference, 3) = 'abc' LIMIT ${TIMES}`,
    );
    await checkpoint(stage.services.postgres.adminUrl);
    if (rows.length === 0) throw new BenchError('no payment was made');
    return rows.map((row) => ({
      ...row,
      id: encodeId('payment', row.id),
      merchant: encodeId('merchant', row.merchant_id),
    }));
  } finally {
    await client.end();
  }
}

/** What routing knows of the same payments. */
async function fillRouting(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO routing.gateway_account (id, livemode, gateway, name, base_url, credentials) VALUES ($1, true, 'paystack', 'bench', 'http://127.0.0.1:1', '{}')`,
    [ACCOUNT_ID],
  );
  await client.query(`
    INSERT INTO routing.payment (payment_id, merchant_id, livemode, amount, currency, kind, method, customer, state, caused_by, headers, created_at)
    SELECT ${ID('payment')}, merchant, true, 1000, 'GHS', 'payment', '{"type":"mobile_money","network":"mtn","phone":"+233241234567"}', '{}',
      CASE WHEN n % 20 = 0 THEN 'exhausted' ELSE 'routed' END, ${ID('cause')}, '{}', at FROM (${NUMBERS}) rows`);
  await client.query(`
    INSERT INTO routing.attempt (id, payment_id, kind, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, outcome_code, blame,
      captured_amount, captured_currency, reason, sent_at, created_at, concluded_at)
    SELECT ${ID('attempt')}, ${ID('payment')}, 'payment', merchant, true, 1, 'paystack', '${ACCOUNT_ID}', md5('gateway' || n),
      CASE WHEN n % 20 = 0 THEN 'declined' ELSE 'succeeded' END, CASE WHEN n % 20 = 0 THEN 'code_' || n % 7 ELSE 'success' END,
      CASE WHEN n % 20 = 0 THEN 'customer' END, CASE WHEN n % 20 <> 0 THEN 1000 END, CASE WHEN n % 20 <> 0 THEN 'GHS' END, '{}',
      at, at, at + make_interval(secs => 1 + n % 9) FROM (${NUMBERS}) rows`);
}
