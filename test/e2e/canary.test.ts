/**
 * Secrets that are planted wherever something can be given, and then looked for wherever something can be read: in logs, queues, errors, exports, answers
 * and tables.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { readEnv } from '../../src/config/env.js';
import { Vault } from '../../src/kernel/secrets/vault.js';
import { Database } from '../../src/kernel/database/database.js';
import { upsertGatewayAccount } from '../../src/modules/routing/gateway-accounts.js';
import { DEFAULT_CREDENTIALS } from '../../src/sandbox/accounts.js';
import { must, type Person } from '../support/person.js';
import { CARD, cardCases } from './support/bad-requests.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, read } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { approve, twoPeople, type TwoPeople } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;

/** What is looked for, by what it is. */
type Canaries = ReadonlyMap<string, string>;

interface Heard {
  readonly from: string;
  readonly text: string;
}

/** As it was written, or as its digits may be set apart. */
const CARD_FORMS = [CARD, '4111 1111 1111 1111', '4111-1111-1111-1111'];

describeInEachMode('A secret', (mode) => {
  let system: System;
  let people: TwoPeople;
  const canaries = new Map<string, string>();
  /** Everything that was answered to anybody. */
  const heard: Heard[] = [];

  beforeAll(async () => {
    // The most that a program ever says.
    system = await startSystem({ ...mode, messaging: true, env: { LOG_LEVEL: 'trace' } });
    people = await twoPeople(system);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  interface Asked {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  }

  async function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<string> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${system.urlOf(path)}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const said = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    heard.push({ from: `${method} ${path.slice(0, 60)} ${response.status}`, text: `${said}\n\n${answer}` });
    return answer;
  }

  const asMerchant = (): Record<string, string> => ({ authorization: `Bearer ${system.secretKey}` });
  const asAdmin = (): Record<string, string> => ({ authorization: `Bearer ${system.adminKey}` });
  const moneyed = (): Record<string, string> => ({ ...asMerchant(), 'idempotency-key': randomUUID() });

  /** Everything that is a secret here, wherever it came from. */
  function collect({ maker, checker }: TwoPeople): void {
    canaries.set('a merchant’s key', system.secretKey);
    canaries.set('an admin’s key', system.adminKey);
    canaries.set('a webhook secret', system.webhookSecret);
    for (const [name, person] of Object.entries({ maker, checker })) {
      canaries.set(`the password of the ${name}`, person.password);
      canaries.set(`the TOTP seed of the ${name}`, person.app?.secret ?? '');
      canaries.set(`the session of the ${name}`, person.cookie?.split('=')[1] ?? '');
      canaries.set(`the CSRF token of the ${name}`, person.csrf ?? '');
      for (const [index, code] of person.recoveryCodes.entries())
        canaries.set(`recovery code ${index} of the ${name}`, code);
    }
  }

  /** In each place where a merchant, an operator or a gateway can give something. */
  async function plantCard({ maker }: TwoPeople): Promise<void> {
    for (const [, change] of cardCases) {
      const body = { ...mobileMoney(), ...change };
      await ask('/v1/payments', { method: 'POST', headers: moneyed(), body });
    }
    const headers = asMerchant();
    await ask('/v1/payments', {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': CARD },
      body: mobileMoney(),
    });
    for (const path of [
      `/v1/payments/${CARD}`,
      `/v1/payments?reference=${CARD}`,
      `/v1/payments?gateway_reference=${CARD}`,
      `/v1/ledger/transfers?subject=${CARD}`,
      `/v1/${CARD}`,
      `/${CARD}?q=${CARD}`,
    ])
      await ask(path, { headers });
    await ask('/v1/payments', {
      headers: { authorization: `Bearer ${CARD}`, 'user-agent': CARD, 'x-request-id': CARD },
    });
    const bank = { type: 'bank_account', bank: '280100', account_number: CARD, name: 'Ama' };
    const payout = { amount: 100, currency: 'GHS', reference: randomUUID(), destination: bank };
    await ask('/v1/payouts', { method: 'POST', headers: moneyed(), body: payout });
    const { id } = await pay(system);
    await ask(`/v1/payments/${id}/refunds`, { method: 'POST', headers: moneyed(), body: { reason: `for ${CARD}` } });
    await ask(`/v1/payments/${id}/actions`, { method: 'POST', headers, body: { type: 'otp', value: CARD } });
    const client = { code: CARD, name: CARD, currency: 'GHS', normal_side: 'credit' };
    await ask('/v1/ledger/accounts', { method: 'POST', headers: moneyed(), body: client });
    const endpoint = { url: `https://shop.example/hooks?c=${CARD}`, description: CARD };
    await ask('/v1/webhook_endpoints', { method: 'POST', headers, body: endpoint });
    await ask('/v1/notification_settings', { method: 'PUT', headers, body: { name: CARD } });

    for (const person of [asAdmin(), { ...maker.headers }]) {
      const given: readonly (readonly [string, string, unknown])[] = [
        ['POST', '/admin/v1/merchants', { name: CARD, platform_fee_bps: 0 }],
        [
          'POST',
          '/admin/v1/routing/rule_sets',
          { content: { rules: [], otherwise: { type: 'priority' } }, note: CARD },
        ],
        ['POST', '/admin/v1/routing/maintenance_windows', { reason: CARD }],
        ['POST', '/admin/v1/reconciliation/resolutions', { breaks: [CARD], action: 'dismiss', remark: CARD }],
        ['POST', '/admin/v1/invitations', { email: `${CARD}@example.com`, name: CARD, role: 'support' }],
        ['POST', `/admin/v1/payments/${id}/refunds`, { amount: 1, reason: CARD }],
        ['POST', '/admin/v1/session', { email: `${CARD}@example.com`, password: CARD, code: CARD }],
        ['POST', `/admin/v1/dead_letters/${CARD}/replay`, {}],
        ['DELETE', `/admin/v1/api_keys/${CARD}`, undefined],
        ['PUT', `/admin/v1/roles/${CARD}`, { description: CARD, permissions: {} }],
        ['GET', `/admin/v1/payments?livemode=false&q=${CARD}`, undefined],
        ['GET', `/admin/v1/audit_entries?request_id=${CARD}`, undefined],
        ['GET', `/admin/v1/events?of=${CARD}`, undefined],
      ];
      for (const [method, path, body] of given) await ask(path, { method, headers: person, body });
    }
    const file = `Reference,Amount\n${CARD},100\n`;
    const named = `/admin/v1/reconciliation/sources?kind=gateway_file&gateway=paystack&name=${CARD}`;
    await ask(named, { method: 'POST', headers: { ...asAdmin(), 'content-type': 'text/csv' }, body: file });
    await plantByGateway(id);
  }

  /** A gateway that tells more than it should, as it signs: of a payment of ours, and of nothing. */
  async function plantByGateway(paymentId: string): Promise<void> {
    const { attempts } = await read(system, paymentId);
    for (const reference of [attempts[0]?.reference ?? '', randomUUID()]) {
      const data = { id: Date.now(), reference, status: 'success', amount: 100, customer: { name: CARD, pan: CARD } };
      const body = JSON.stringify({ event: 'charge.success', data });
      const key = DEFAULT_CREDENTIALS.paystack['secret_key'] ?? '';
      const signature = createHmac('sha512', key).update(body).digest('hex');
      const headers = { 'x-paystack-signature': signature, 'x-card': CARD };
      await ask('/webhooks/paystack/main', { method: 'POST', headers, body });
      await ask('/webhooks/paystack/main', { method: 'POST', headers: { 'x-paystack-signature': CARD }, body });
      const account = `/webhooks/paystack/${CARD}`;
      await ask(account, { method: 'POST', headers, body });
    }
  }

  /** Secrets where they do not belong: in what is asked for, as people paste them. */
  async function pasteSecrets(person: Person): Promise<void> {
    const { headers } = person;
    for (const [, secret] of canaries) {
      const pasted = encodeURIComponent(secret);
      await ask(`/v1/payments/${pasted}`, { headers: asMerchant() });
      await ask(`/admin/v1/payments?livemode=false&q=${pasted}`, { headers });
      await ask(`/admin/v1/roles/${pasted}`, { method: 'PUT', headers, body: { description: 'x', permissions: {} } });
      await ask('/v1/payments', { headers: { authorization: `Bearer ${secret}x` } });
      await ask('/v1/payments', { headers: { authorization: secret } });
    }
  }

  async function plantCredential(): Promise<void> {
    const secret = `sk_live_canary_${randomUUID()}`;
    canaries.set('a gateway’s credential', secret);
    const database = new Database({ url: system.databaseOf('routing').url, owner: 'routing', poolSize: 1 });
    const vault = new Vault(readEnv({ ...system.env, NODE_ENV: 'test', LOG_LEVEL: 'silent' }));
    await upsertGatewayAccount(database, vault, {
      merchantId: null,
      livemode: false,
      gateway: 'paystack',
      name: 'canary',
      // Answers nothing: what is sent there ends in an error.
      baseUrl: 'http://127.0.0.1:9',
      credentials: { secret_key: secret },
      priority: 1,
    });
    await database.close();
  }

  /** Each process documents what it answers. */
  async function listsOf(url: string): Promise<readonly string[]> {
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    return Object.entries(document.paths).flatMap(([path, at]) => ('get' in at && !path.includes('{') ? [path] : []));
  }

  /** What every list shows to who may see everything, as JSON and as a file. */
  async function readEverything(person: Person): Promise<void> {
    const lists = (await Promise.all(system.programs().map(({ url }) => listsOf(url)))).flat();
    expect(lists.length).toBeGreaterThan(30);
    for (const path of new Set(lists)) {
      if (path === '/admin/v1/live') continue;
      const headers = path.startsWith('/v1/') ? asMerchant() : person.headers;
      await ask(`${path}?limit=100`, { headers });
      await ask(`${path}?livemode=false`, { headers });
      await ask(`${path}?livemode=false&format=csv`, { headers });
      await ask(`${path}?format=csv`, { headers });
    }
    await ask('/metrics');
  }

  /** @returns what was found, and where: never the secret itself */
  function findIn(from: string, text: string, wanted: Canaries): string[] {
    return Array.from(wanted).flatMap(([name, secret]) =>
      secret !== '' && text.includes(secret) ? [`${name} in ${from}`] : [],
    );
  }

  async function tablesWith(wanted: Canaries): Promise<readonly string[]> {
    const tables = await system.database.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await system.database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      // Bytes are written as hexadecimal digits.
      const text = rows
        .map(({ row }) =>
          row.replaceAll(/\\\\?x((?:[0-9a-f]{2})+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
        )
        .join('\n');
      found.push(...findIn(name, text, wanted));
    }
    return found;
  }

  async function redisText(): Promise<string> {
    if (system.redis === undefined) return '';
    const redis = new Redis(system.redis.url);
    const parts: string[] = [];
    for (const key of await redis.keys('*')) {
      const type = await redis.type(key);
      parts.push(key);
      if (type === 'string') parts.push((await redis.get(key)) ?? '');
      if (type === 'hash') parts.push(JSON.stringify(await redis.hgetall(key)));
      if (type === 'list') parts.push(...(await redis.lrange(key, 0, -1)));
      if (type === 'set') parts.push(...(await redis.smembers(key)));
      if (type === 'zset') parts.push(...(await redis.zrange(key, '0', '-1')));
      if (type === 'stream') parts.push(JSON.stringify(await redis.xrange(key, '-', '+')));
    }
    redis.disconnect();
    return parts.join('\n');
  }

  it(
    'that is planted everywhere is found nowhere',
    async () => {
      collect(people);
      await plantCredential();
      await pay(system);
      const asked = must(
        await people.maker.post<{ id: string }>('/admin/v1/invitations', {
          email: 'canary@example.com',
          name: 'Ama',
          role: 'support',
        }),
        202,
      ).body;
      const { shown_once: shown } = await approve(people.checker, asked.id);
      const token = shown?.['accept_url']?.split('#')[1];
      if (token !== undefined) canaries.set('an invitation', token);
      await plantCard(people);
      await pasteSecrets(people.maker);
      await readEverything(people.maker);

      const cards = new Map(
        CARD_FORMS.map((form) => [`the card ${form.length === CARD.length ? '' : 'in groups'}`, form]),
      );
      const wanted = new Map([...canaries, ...cards]);
      expect(wanted.size).toBeGreaterThan(20);
      // Where one asks for one's own session, it comes with the CSRF token: that is what it is for.
      const withoutOwn = new Map(Array.from(wanted).filter(([what]) => what !== 'the CSRF token of the maker'));
      const told = heard.flatMap(({ from, text }) =>
        findIn(from, text, from.includes('/admin/v1/session?') ? withoutOwn : wanted),
      );
      expect(told).toEqual([]);
      const logs = system.logs();
      expect(logs.length).toBeGreaterThan(10_000);
      expect(findIn('the logs', logs, wanted)).toEqual([]);
      expect(findIn('Redis', await redisText(), wanted)).toEqual([]);
      expect(await tablesWith(wanted)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
