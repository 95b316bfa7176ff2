import { upsertGatewayAccount } from '../../../src/modules/routing/gateway-accounts.js';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { eventually } from '../../support/eventually.js';
import { testVault } from '../../support/vault.js';
import { createHarness, gate, plain, QUICK, type Harness } from './harness.js';
import { declined, pending, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

let gateway: ScriptedGateway;
let harness: Harness;
let payment: string;
let attemptId: string;

beforeEach(async () => {
  gateway = new ScriptedGateway('first');
  gateway.onCharge = () => pending();
  gateway.onStatus = () => pending();
  // Its own checks are an hour away: what happens here happens because of webhooks.
  harness = await createHarness([gateway], {
    schedule: { ...QUICK, pausesMs: [3_600_000], thenEveryMs: 3_600_000, caseEveryMs: 3_600_000 },
  });
  payment = await harness.pay();
  await eventually(async () => expect((await harness.attempts(payment))[0]?.status).toBe('pending'));
  attemptId = (await harness.attempts(payment))[0]?.id ?? '';
});
afterEach(() => harness.close());

interface WebhookRow {
  outcome: string | null;
  processed_at: Date | null;
  deliveries: number;
  grade: string;
  headers: Record<string, string>;
  body: Buffer;
}
const rows = (): Promise<WebhookRow[]> =>
  harness.database.query<WebhookRow>('SELECT * FROM routing.gateway_webhook ORDER BY id');

describe('webhooks from gateways', () => {
  it('make us ask, and the answer decides', async () => {
    gateway.onStatus = (request) => succeeded(request);
    await harness.webhook(gateway, plain(attemptId));
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    await eventually(async () =>
      expect(await rows()).toMatchObject([{ outcome: 'succeeded', deliveries: 1, grade: 'authenticated' }]),
    );
    const [row] = await rows();
    expect(row?.headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(String(row?.body))).toMatchObject({ reference: plain(attemptId) });
  });

  it('change nothing when the gateway does not confirm them, and show it', async () => {
    await harness.webhook(gateway, plain(attemptId));
    await eventually(async () => expect(await rows()).toMatchObject([{ outcome: 'contradicted_pending' }]));
    expect(await harness.state(payment)).toBe('routing');
  });

  it('are refused without a valid signature, and leave no row', async () => {
    await expect(harness.webhook(gateway, plain(attemptId), { signature: 'guess' })).rejects.toMatchObject({
      code: 'gateway.webhook_rejected',
    });
    expect(await rows()).toEqual([]);
    expect(gateway.queries).toHaveLength(0);
  });

  it('are unknown at addresses that name no account', async () => {
    const request = { method: 'POST', headers: {}, rawBody: Buffer.from('{}') };
    await expect(harness.routing.webhooks.receive('first', 'other', request)).rejects.toMatchObject({
      code: 'gateway.unknown_account',
    });
    await expect(harness.routing.webhooks.receive('nope', 'main', request)).rejects.toMatchObject({
      code: 'gateway.unknown_account',
    });
    await expect(
      harness.routing.webhooks.receive('first', 'main', { ...request, rawBody: Buffer.alloc(65_537) }),
    ).rejects.toMatchObject({ code: 'request.too_large' });
  });

  it('are stored once, however often one event is delivered', async () => {
    gateway.onStatus = (request) => succeeded(request);
    await Promise.all(Array.from({ length: 30 }, () => harness.webhook(gateway, plain(attemptId), { id: 'same' })));
    await eventually(async () => expect(await rows()).toMatchObject([{ outcome: 'succeeded' }]));
    const events = await harness.events(payment);
    expect(events.filter((event) => event.type.includes('payment_routed'))).toHaveLength(1);
    expect(gateway.queries.length).toBeLessThanOrEqual(2);
  });

  it('are kept and marked when they are about nothing of ours', async () => {
    await harness.webhook(gateway, plain(newUuid()));
    await harness.webhook(gateway, 'not-even-a-reference');
    expect(await rows()).toMatchObject([{ outcome: 'unmatched' }, { outcome: 'unmatched' }]);
    expect(gateway.queries).toHaveLength(0);
  });

  it('that bring news of something else are kept, and are no contradiction', async () => {
    await harness.webhook(gateway, undefined, { unrecognised: true });
    expect(await rows()).toMatchObject([{ outcome: 'not_awaited' }]);
  });

  it('that name nothing but the token of the link find their attempt by it', async () => {
    gateway.onCharge = () => ({ kind: 'pending', code: 'link', nextAction: null, handles: { notif_token: 'tok-2' } });
    gateway.onStatus = (request) => succeeded(request);
    const other = await harness.pay();
    await eventually(async () => expect((await harness.attempts(other))[0]?.status).toBe('pending'));
    await harness.webhook(gateway, undefined, { handles: { notif_token: 'tok-1' } });
    await harness.webhook(gateway, undefined, { handles: { notif_token: 'tok-2' } });
    await eventually(async () => expect(await harness.state(other)).toBe('routed'));
    expect(await harness.state(payment)).toBe('routing');
    await eventually(async () =>
      expect(await rows()).toMatchObject([{ outcome: 'unmatched' }, { outcome: 'succeeded' }]),
    );
  });

  it('cannot speak about attempts that went through another account', async () => {
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
    await upsertGatewayAccount(pool, testVault, {
      merchantId: newUuid(),
      livemode: false,
      gateway: 'first',
      name: 'foreign',
      baseUrl: 'http://x',
      credentials: { secret: 'theirs' },
      priority: 1,
    });
    await pool.close();
    const rawBody = Buffer.from(JSON.stringify({ reference: plain(attemptId), id: 'e1' }));
    await eventually(() =>
      harness.routing.webhooks.receive('first', 'foreign', {
        method: 'POST',
        headers: { 'x-signature': 'theirs' },
        rawBody,
      }),
    );
    expect(await rows()).toMatchObject([{ outcome: 'unmatched' }]);
    expect(gateway.queries).toHaveLength(0);
  });

  it('that come while the gateway is being asked make us ask once more afterwards', async () => {
    const hold = gate();
    gateway.onStatus = async (request) => {
      if (gateway.queries.length > 1) return succeeded(request);
      await hold.opened;
      return pending();
    };
    await harness.webhook(gateway, plain(attemptId), { id: 'early' });
    await eventually(() => expect(gateway.queries).toHaveLength(1));
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => harness.webhook(gateway, plain(attemptId), { id: `late-${n}` })),
    );
    hold.open();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(gateway.queries).toHaveLength(2);
  });

  it('whose receiver died are taken up by a worker', async () => {
    gateway.onStatus = (request) => succeeded(request);
    await harness.database.query(
      `INSERT INTO routing.gateway_webhook (id, gateway, gateway_account_id, dedupe_key, event_type, handles, headers, body, grade, attempt_id, process_after)
       SELECT gen_random_uuid(), 'first', gateway_account_id, 'left', 'charge.success', '{}', '{}', '', 'authenticated', id, now() FROM routing.attempt`,
    );
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    await eventually(async () => expect(await rows()).toMatchObject([{ outcome: 'succeeded' }]));
  });

  it('that could not be checked bring the next check nearer', async () => {
    gateway.onStatus = () => unknown('http_500');
    await harness.webhook(gateway, plain(attemptId));
    await eventually(async () => expect(await rows()).toMatchObject([{ outcome: 'query_failed' }]));
    const [attempt] = await harness.attempts(payment);
    expect(attempt?.next_check_at?.getTime()).toBeLessThan(Date.now() + 6_000);
  });

  it('about an attempt that was declined are asked about too', async () => {
    gateway.onStatus = () => declined(false);
    await harness.webhook(gateway, plain(attemptId), { event: 'charge.failed' });
    await eventually(async () => expect(await harness.state(payment)).toBe('exhausted'));
    await harness.webhook(gateway, plain(attemptId));
    await eventually(async () =>
      expect((await rows()).map((row) => row.outcome)).toEqual(['declined', 'contradicted_declined']),
    );
    gateway.onStatus = (request) => succeeded(request);
    await harness.webhook(gateway, plain(attemptId));
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
  });

  it('are not acknowledged when they could not be stored', async () => {
    await harness.database.query('ALTER TABLE routing.gateway_webhook RENAME TO away');
    await expect(harness.webhook(gateway, plain(attemptId))).rejects.toThrow();
    await harness.database.query('ALTER TABLE routing.away RENAME TO gateway_webhook');
    await harness.webhook(gateway, plain(attemptId));
    expect(await rows()).toHaveLength(1);
  });
});
