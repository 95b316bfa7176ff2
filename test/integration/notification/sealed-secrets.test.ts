/** Secrets of webhook endpoints as they lie in the database: sealed, each for its own row, and signed with by whoever has the master key. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { Database } from '../../../src/kernel/database/database.js';
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { newMasterKey, readMasterKey } from '../../../src/kernel/secrets/master-keys.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import { resealEndpointSecrets } from '../../../src/modules/notification/endpoint-secrets.js';
import type { NotificationMetrics } from '../../../src/modules/notification/notification.metrics.js';
import { watchSecrets } from '../../../src/modules/notification/watch-secrets.js';
import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type Delivery, type WebhookReceiver } from '../../support/webhook-receiver.js';
import {
  createHarness,
  deliveriesTo,
  newOwner,
  outcome,
  type NotificationHarness,
  type NotificationProcess,
} from './harness.js';

const run = promisify(execFile);
const CLI_TIMEOUT_MS = 60_000;

const OLD = newMasterKey();
const NEW = newMasterKey();
const vaultOf = (...masterKeys: readonly string[]): Vault =>
  new Vault({ nodeEnv: 'production', masterKeys, dataDir: '/nowhere' });

let harness: NotificationHarness;
let receiver: WebhookReceiver;
let pool: Database;
beforeEach(async () => {
  harness = await createHarness();
  receiver = await startWebhookReceiver();
  pool = new Database({ url: harness.database.url, owner: 'notification', poolSize: 4 });
});
afterEach(async () => {
  await receiver.close();
  await pool.close();
  await harness.close();
});

interface Said extends Record<string, unknown> {
  readonly message: string;
}

/** Keeps what is said at a level that asks for somebody. */
function listen(): { readonly logger: Logger; readonly said: Said[] } {
  const logger = new Logger({ logLevel: 'silent' });
  const said: Said[] = [];
  logger.warn = (fields, message) => void said.push({ ...fields, message });
  logger.error = (fields, message) => void said.push({ ...fields, message });
  return { logger, said };
}

/** A process that sends, with these master keys; a rest of its takes 300 ms. */
function start(masterKeys: readonly string[], logger?: Logger): NotificationProcess {
  const made = harness.process({ masterKeys, pausePercent: 1, ...(logger === undefined ? {} : { logger }) });
  made.sender.start();
  return made;
}

async function endpointOf(made: NotificationProcess, owner = newOwner()) {
  const wanted = { url: receiver.url, description: null, events: [] };
  const { endpoint, secret } = await made.manage.create(owner, wanted);
  return { owner, id: endpoint.id, secret };
}

/** As a version that knew no master keys kept it. */
async function keepInPlainText({ id, secret }: { readonly id: string; readonly secret: string }): Promise<void> {
  await harness.database.query(
    'UPDATE notification.endpoint_secret SET secret = $2, sealed_secret = NULL WHERE endpoint_id = $1',
    [id, secret],
  );
}

async function wholeTable(): Promise<string> {
  const rows = await harness.database.query<{ row: string }>(
    'SELECT s::text AS row FROM notification.endpoint_secret s',
  );
  return rows.map(({ row }) => row).join('\n');
}

const signatures = ({ headers }: Delivery): readonly string[] => String(headers['webhook-signature']).split(' ');

function isSignedWith(delivery: Delivery | undefined, secret: string): boolean {
  if (delivery === undefined) throw new Error('nothing was delivered');
  const headers = Object.fromEntries(Object.entries(delivery.headers).map(([name, value]) => [name, String(value)]));
  try {
    new Webhook(secret).verify(delivery.body, headers);
    return true;
  } catch {
    return false;
  }
}

const delivered = (count: number): Promise<Delivery | undefined> =>
  eventually(() => {
    expect(receiver.deliveries).toHaveLength(count);
    return receiver.deliveries.at(-1);
  });

describe('the secret of a webhook endpoint', () => {
  it('is nowhere in the database, whether made or rolled, and signs for whoever has the master key', async () => {
    const made = start([OLD]);
    const endpoint = await endpointOf(made);
    const { secret: rolled } = await made.manage.rollSecret(endpoint.owner, endpoint.id);
    const table = await wholeTable();
    for (const secret of [endpoint.secret, rolled]) {
      expect(table).not.toContain(secret);
      expect(table).not.toContain(secret.replace('whsec_', ''));
    }
    await made.handle([outcome(endpoint.owner)]);
    const delivery = await delivered(1);
    expect([endpoint.secret, rolled].map((secret) => isSignedWith(delivery, secret))).toEqual([true, true]);
  });

  it('is kept in one way or the other, never in both or neither', async () => {
    const endpoint = await endpointOf(start([OLD]));
    for (const change of ["secret = 'whsec_x'", 'sealed_secret = NULL', "secret = '', sealed_secret = '[]'"])
      await expect(
        harness.database.query(`UPDATE notification.endpoint_secret SET ${change} WHERE endpoint_id = $1`, [
          endpoint.id,
        ]),
      ).rejects.toThrow(/check constraint/);
  });

  it('that an earlier version kept in plain text signs as before', async () => {
    const made = start([OLD]);
    const endpoint = await endpointOf(made);
    await keepInPlainText(endpoint);
    await made.handle([outcome(endpoint.owner)]);
    expect(isSignedWith(await delivered(1), endpoint.secret)).toBe(true);
    const { secret: rolled } = await made.manage.rollSecret(endpoint.owner, endpoint.id);
    await made.handle([outcome(endpoint.owner)]);
    const delivery = await delivered(2);
    expect([endpoint.secret, rolled].map((secret) => isSignedWith(delivery, secret))).toEqual([true, true]);
  });

  it('opens in no other row: not of another endpoint, merchant or generation', async () => {
    const { logger, said } = listen();
    const made = start([OLD], logger);
    const [mine, stolen] = [await endpointOf(made), await endpointOf(made)];
    const copy = (from: string, to: string): Promise<unknown> =>
      harness.database.query(
        `UPDATE notification.endpoint_secret SET sealed_secret = (SELECT sealed_secret FROM notification.endpoint_secret WHERE endpoint_id = $1 ORDER BY generation LIMIT 1)
         WHERE endpoint_id = $2 AND generation = (SELECT max(generation) FROM notification.endpoint_secret WHERE endpoint_id = $2)`,
        [from, to],
      );
    // Known to this process already: what was opened at its own place does not count at another.
    await made.handle([outcome(mine.owner)]);
    await delivered(1);
    await copy(mine.id, stolen.id);
    await made.handle([outcome(stolen.owner)]);
    await eventually(() =>
      expect(said).toContainEqual({
        endpointId: stolen.id,
        merchantId: stolen.owner.merchantId,
        error: 'it is not what was sealed there',
        message: expect.stringContaining('its secret cannot be opened'),
      }),
    );
    await made.manage.rollSecret(mine.owner, mine.id);
    await copy(mine.id, mine.id);
    await made.handle([outcome(mine.owner)]);
    await eventually(() => expect(said.map(({ endpointId }) => endpointId)).toContain(mine.id));
    const { id } = await endpointOf(made, mine.owner);
    await harness.database.query('UPDATE notification.endpoint SET merchant_id = $2 WHERE id = $1', [
      id,
      stolen.owner.merchantId,
    ]);
    await made.handle([outcome(stolen.owner)]);
    await eventually(() => expect(said.map(({ endpointId }) => endpointId)).toContain(id));
    expect(receiver.deliveries).toHaveLength(1);
  });
});

describe('a delivery whose secret cannot be opened', () => {
  it('is not sent, is no attempt, and is delivered by whoever has the key', async () => {
    const { logger, said } = listen();
    const before = harness.process({ masterKeys: [NEW] });
    const endpoint = await endpointOf(before);
    const lacking = start([OLD], logger);
    await lacking.handle(Array.from({ length: 40 }, () => outcome(endpoint.owner)));
    // It is looked at again after each rest.
    await eventually(() => expect(said.length).toBeGreaterThan(1));
    expect(said[0]).toEqual({
      endpointId: endpoint.id,
      merchantId: endpoint.owner.merchantId,
      error: `it is sealed under master key ${readMasterKey(NEW).id}, which MASTER_KEYS lacks`,
      message: 'nothing is sent to a webhook endpoint: its secret cannot be opened',
    });
    expect(JSON.stringify(said)).not.toContain(endpoint.secret.slice(0, 12));
    expect(receiver.deliveries).toEqual([]);
    const waiting = await deliveriesTo(harness.database, endpoint.id);
    expect(waiting).toHaveLength(40);
    for (const each of waiting) expect(each).toMatchObject({ status: 'pending', attempts: 0, last_error: null });
    expect(await lacking.metrics.registry.metrics()).toMatch(/^sankofa_webhook_secrets_locked_total [1-9]/m);

    start([NEW]);
    await eventually(async () => {
      const all = await deliveriesTo(harness.database, endpoint.id);
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['delivered']));
    });
    expect(receiver.deliveries.every((delivery) => isSignedWith(delivery, endpoint.secret))).toBe(true);
    const [state] = await harness.database.query('SELECT status, failing_since FROM notification.endpoint');
    expect(state).toEqual({ status: 'enabled', failing_since: null });
  });

  it('does not hold up those to other endpoints', async () => {
    const lost = await endpointOf(harness.process({ masterKeys: [NEW] }));
    const made = start([OLD]);
    const well = await endpointOf(made);
    await made.handle(Array.from({ length: 100 }, (_, index) => outcome(index % 2 === 0 ? lost.owner : well.owner)));
    await delivered(50);
    expect(receiver.deliveries.every((delivery) => isSignedWith(delivery, well.secret))).toBe(true);
  });

  it('goes out once its merchant has rolled the secret, signed with the new one alone', async () => {
    const endpoint = await endpointOf(harness.process({ masterKeys: [NEW] }));
    const made = start([OLD]);
    await made.handle([outcome(endpoint.owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ attempts: 0, status: 'pending' }]),
    );
    const { secret } = await made.manage.rollSecret(endpoint.owner, endpoint.id);
    const delivery = await delivered(1);
    expect(isSignedWith(delivery, secret)).toBe(true);
    expect(delivery === undefined ? [] : signatures(delivery)).toHaveLength(1);
  });

  it('is never sent unsigned where its secrets are gone', async () => {
    const { logger, said } = listen();
    const made = start([OLD], logger);
    const endpoint = await endpointOf(made);
    await harness.database.query('DELETE FROM notification.endpoint_secret');
    await made.handle([outcome(endpoint.owner)]);
    await eventually(() => expect(said[0]).toMatchObject({ endpointId: endpoint.id, error: 'there is none' }));
    expect(receiver.deliveries).toEqual([]);
  });
});

describe('sealing what lies in plain text, and a change of master key', () => {
  /** More than one page, of all kinds. */
  async function fill(): Promise<readonly { readonly id: string; readonly secret: string }[]> {
    const [older, newer] = [harness.process({ masterKeys: [OLD] }), harness.process({ masterKeys: [NEW] })];
    const endpoints = await Promise.all(
      Array.from({ length: 120 }, (_, index) => endpointOf(index % 3 === 0 ? newer : older)),
    );
    await Promise.all(endpoints.filter((_, index) => index % 3 === 1).map(keepInPlainText));
    return endpoints;
  }

  /** Each endpoint's secret is what its merchant was told, for whoever has but the new key. */
  async function expectAllOpen(endpoints: readonly { readonly id: string; readonly secret: string }[]): Promise<void> {
    const vault = vaultOf(NEW);
    const rows = await harness.database.query<{ id: string; place: string; sealed: never }>(
      `SELECT s.endpoint_id AS id, 'notification.endpoint_secret/' || merchant_id || '/' || p.id || '/1/secret' AS place, sealed_secret AS sealed
       FROM notification.endpoint_secret s JOIN notification.endpoint p ON p.id = s.endpoint_id`,
    );
    const opened = await Promise.all(rows.map(async ({ id, sealed, place }) => [id, await vault.open(sealed, place)]));
    expect(Object.fromEntries(opened)).toEqual(Object.fromEntries(endpoints.map(({ id, secret }) => [id, secret])));
  }

  it('leaves nothing open or under the old key, and does nothing when run again', async () => {
    const endpoints = await fill();
    expect(await resealEndpointSecrets(pool, vaultOf(NEW, OLD))).toEqual({ resealed: 80, current: 40, failed: [] });
    expect(await wholeTable()).not.toContain('whsec_');
    await expectAllOpen(endpoints);
    expect(await resealEndpointSecrets(pool, vaultOf(NEW))).toEqual({ resealed: 0, current: 120, failed: [] });
  });

  it('can be run by several at once, and be stopped anywhere', async () => {
    const endpoints = await fill();
    const stopped = vaultOf(NEW, OLD);
    const seal = stopped.seal.bind(stopped);
    let left = 30;
    const failing = new Error('killed');
    stopped.seal = async (secret, place) => {
      left -= 1;
      if (left < 0) throw failing;
      return seal(secret, place);
    };
    const { resealed, failed } = await resealEndpointSecrets(pool, stopped);
    expect([resealed, failed.length]).toEqual([30, 50]);
    const results = await Promise.all(Array.from({ length: 4 }, () => resealEndpointSecrets(pool, vaultOf(NEW, OLD))));
    // Each was sealed by one of them; the others found it changed, or sealed already.
    expect(results.reduce((sum, result) => sum + result.resealed, 0)).toBe(50);
    expect(results.flatMap((result) => result.failed)).toEqual([]);
    await expectAllOpen(endpoints);
  });

  it('goes on beneath deliveries, none of which fails or goes unsigned', async () => {
    const made = start([NEW, OLD]);
    const older = harness.process({ masterKeys: [OLD] });
    const endpoints = await Promise.all(Array.from({ length: 8 }, () => endpointOf(older)));
    for (const endpoint of endpoints) await keepInPlainText(endpoint);
    let sealing = true;
    const sealed = (async () => {
      for (const endpoint of endpoints) {
        await made.handle(endpoints.map(({ owner }) => outcome(owner)));
        await resealEndpointSecrets(pool, vaultOf(NEW, OLD));
        await keepInPlainText(endpoint);
      }
      sealing = false;
    })();
    let sent = 0;
    while (sealing) {
      await made.handle(endpoints.map(({ owner }) => outcome(owner)));
      sent += endpoints.length;
    }
    await sealed;
    const all = sent + endpoints.length ** 2;
    await delivered(all);
    await eventually(async () =>
      expect(
        await harness.database.query(
          'SELECT status, attempts, count(*)::int AS count FROM notification.delivery GROUP BY status, attempts',
        ),
      ).toEqual([{ status: 'delivered', attempts: 1, count: all }]),
    );
    const secrets = endpoints.map(({ secret }) => secret);
    for (const delivery of receiver.deliveries)
      expect(secrets.some((secret) => isSignedWith(delivery, secret))).toBe(true);
  });

  it('names what it cannot open, leaves it as it is, and goes on with the rest', async () => {
    const lost = await endpointOf(harness.process({ masterKeys: [newMasterKey()] }));
    const older = await endpointOf(harness.process({ masterKeys: [OLD] }));
    expect(await resealEndpointSecrets(pool, vaultOf(NEW, OLD))).toEqual({
      resealed: 1,
      current: 0,
      failed: [{ id: lost.id, problem: expect.stringMatching(/^it is sealed under master key [0-9a-f]{16}, which/) }],
    });
    const made = start([NEW]);
    await made.handle([outcome(older.owner)]);
    expect(isSignedWith(await delivered(1), older.secret)).toBe(true);
  });

  it(
    'is the command that seals credentials anew, which fails where something stays behind',
    async () => {
      const endpoint = await endpointOf(harness.process({ masterKeys: [OLD] }));
      await keepInPlainText(await endpointOf(harness.process({ masterKeys: [OLD] })));
      const rotate = (...keys: readonly string[]) =>
        run(process.execPath, [path.resolve('dist/cli/main.js'), 'master-key', 'rotate'], {
          env: {
            PATH: process.env['PATH'],
            NODE_ENV: 'production',
            DATABASE_URL: harness.database.url,
            MASTER_KEYS: keys.join(','),
          },
        });
      await expect(rotate(NEW)).rejects.toMatchObject({
        stdout: expect.stringMatching(/"webhook_secrets": \{\s*"resealed": 1,\s*"current": 0,\s*"failed": 1\s*\}/),
        stderr: expect.stringMatching(
          new RegExp(
            `^A secret of webhook endpoint ${encodeId('webhookEndpoint', endpoint.id)} cannot be opened: it is sealed under`,
          ),
        ),
      });
      const { stdout } = await rotate(NEW, OLD);
      expect(JSON.parse(stdout)).toMatchObject({ webhook_secrets: { resealed: 1, current: 1, failed: 0 } });
    },
    CLI_TIMEOUT_MS,
  );
});

it(
  'keeps a process without any master key from starting in production',
  async () => {
    const started = run(process.execPath, [path.resolve('dist/main.js')], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        MODULES: 'notification',
        DATABASE_URL: harness.database.url,
        // Never asked: it is refused before.
        REDIS_URL: 'redis://127.0.0.1:9',
        PORT: '0',
      },
    });
    await expect(started).rejects.toMatchObject({
      stderr: expect.stringContaining('MASTER_KEYS must be set in production'),
    });
  },
  CLI_TIMEOUT_MS,
);

describe('whoever looks at how secrets are kept', () => {
  it('counts them, and says what lies in plain text or lacks its key', async () => {
    const { logger, said } = listen();
    const counted: unknown[] = [];
    const metrics = { secretsKept: (kept: unknown) => counted.push(kept) } as unknown as NotificationMetrics;
    const made = harness.process({ masterKeys: [OLD] });
    const watch = (...keys: readonly string[]): Promise<void> =>
      watchSecrets({ database: pool, vault: vaultOf(...keys), logger, metrics });
    const endpoints = await Promise.all(Array.from({ length: 3 }, () => endpointOf(made)));
    await watch(OLD);
    expect(said).toEqual([]);
    const [one] = endpoints;
    if (one !== undefined) await keepInPlainText(one);
    await watch(NEW);
    const missingKeys = [readMasterKey(OLD).id];
    expect(counted).toEqual([
      { sealed: 3, open: 0, locked: 0, missingKeys: [] },
      { sealed: 0, open: 1, locked: 2, missingKeys },
    ]);
    expect(said).toMatchObject([{ secrets: 1 }, { secrets: 2, masterKeys: missingKeys }]);
    expect(said[0]?.message).toContain('master-key rotate');
  });
});
