/** Credentials of gateway accounts as they lie in the database: sealed, each for its own row, and opened by whoever has the master key. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { newMasterKey, readMasterKey } from '../../../src/kernel/secrets/master-keys.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import {
  GatewayAccounts,
  resealGatewayAccounts,
  upsertGatewayAccount,
  type GatewayAccountSettings,
} from '../../../src/modules/routing/gateway-accounts.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { ScriptedGateway } from './scripted-gateway.js';

const run = promisify(execFile);
const CLI_TIMEOUT_MS = 60_000;

const OLD = newMasterKey();
const NEW = newMasterKey();
const vaultOf = (...masterKeys: readonly string[]): Vault =>
  new Vault({ nodeEnv: 'production', masterKeys, dataDir: '/nowhere' });
const MERCHANT = newUuid();

let database: TestDatabase;
let pool: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = new Database({ url: database.url, owner: 'routing', poolSize: 4 });
});
afterEach(async () => {
  await pool.close();
  await database.drop();
});

const settingsOf = (name: string, change: Partial<GatewayAccountSettings> = {}): GatewayAccountSettings => ({
  merchantId: MERCHANT,
  livemode: true,
  gateway: 'first',
  name,
  baseUrl: 'http://127.0.0.1:1',
  credentials: { secret: `canary-${name}` },
  priority: 1,
  ...change,
});

/** Names of accounts that may be used with these master keys, and with which secret. */
async function usable(...masterKeys: readonly string[]): Promise<Readonly<Record<string, string | undefined>>> {
  const adapters = new Map([['first', new ScriptedGateway('first')]]);
  const accounts = new GatewayAccounts(pool, adapters, new Logger({ logLevel: 'silent' }), vaultOf(...masterKeys));
  await accounts.refresh();
  const found = accounts.usableFor(MERCHANT, true);
  return Object.fromEntries(found.map(({ name, credentials }) => [name, credentials['secret']]));
}

async function wholeTable(): Promise<string> {
  const rows = await database.query<{ row: string }>(
    'SELECT a::text AS row FROM routing.gateway_account a ORDER BY name',
  );
  return rows.map(({ row }) => row).join('\n');
}

/** As a version that knew no master keys kept them. */
async function keepInPlainText(name: string): Promise<void> {
  await database.query(
    `UPDATE routing.gateway_account SET credentials = jsonb_build_object('secret', 'canary-' || name), sealed_credentials = NULL WHERE name = $1`,
    [name],
  );
}

describe('credentials of a gateway account', () => {
  it('are nowhere in its row, and there for whoever has the master key', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    const table = await wholeTable();
    expect(table).toContain(readMasterKeyHint(OLD));
    expect(table).not.toContain('canary');
    expect(await usable(OLD)).toEqual({ main: 'canary-main' });
  });

  it('are sealed anew when they are changed, under the key that seals now', async () => {
    const id = await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    await keepInPlainText('main');
    expect(
      await upsertGatewayAccount(pool, vaultOf(NEW), settingsOf('main', { credentials: { secret: 'canary-2' } })),
    ).toBe(id);
    expect(await wholeTable()).not.toContain('canary');
    expect(await usable(NEW)).toEqual({ main: 'canary-2' });
  });

  it('stay those of the merchant whose account it is, whoever is named with a change', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main', { merchantId: newUuid() }));
    expect(await usable(OLD)).toEqual({ main: 'canary-main' });
  });

  it('open once it is clear whose account it is, where two make it at once', async () => {
    const merchants = [MERCHANT, null, newUuid(), newUuid()];
    await Promise.all(
      merchants.map((merchantId) => upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main', { merchantId }))),
    );
    const adapters = new Map([['first', new ScriptedGateway('first')]]);
    const accounts = new GatewayAccounts(pool, adapters, new Logger({ logLevel: 'silent' }), vaultOf(OLD));
    expect(await accounts.all()).toMatchObject([{ credentials: { secret: 'canary-main' }, credentialsProblem: null }]);
  });

  it('do not open in the row of another account, which is then not used', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('other'));
    await database.query(
      `UPDATE routing.gateway_account SET sealed_credentials = (SELECT sealed_credentials FROM routing.gateway_account WHERE name = 'main') WHERE name = 'other'`,
    );
    expect(await usable(OLD)).toEqual({ main: 'canary-main' });
  });

  it('do not open without their master key, and no payment is tried without them', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    expect(await usable(NEW)).toEqual({});
    expect(await usable(NEW, OLD)).toEqual({ main: 'canary-main' });
  });

  it('are kept in one way or the other, never in both or neither', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    for (const change of ["credentials = '{}'", 'sealed_credentials = NULL'])
      await expect(database.query(`UPDATE routing.gateway_account SET ${change}`)).rejects.toThrow(/credentials_once/);
  });
});

describe('a change of master key', () => {
  it('seals everything under the new one, what is in plain text as well, and the old one can go', async () => {
    for (const name of ['a', 'b', 'plain']) await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf(name));
    await keepInPlainText('plain');
    await upsertGatewayAccount(pool, vaultOf(NEW), settingsOf('new'));
    const all = { a: 'canary-a', b: 'canary-b', new: 'canary-new', plain: 'canary-plain' };
    expect(await usable(NEW, OLD)).toEqual(all);
    expect(await resealGatewayAccounts(pool, vaultOf(NEW, OLD))).toEqual({ resealed: 3, current: 1, failed: [] });
    expect(await wholeTable()).not.toContain('canary');
    expect(await usable(NEW)).toEqual(all);
    expect(await resealGatewayAccounts(pool, vaultOf(NEW))).toEqual({ resealed: 0, current: 4, failed: [] });
  });

  it('names what it cannot open, leaves it as it is, and goes on with the rest', async () => {
    const lost = await upsertGatewayAccount(pool, vaultOf(newMasterKey()), settingsOf('lost'));
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    const { resealed, failed } = await resealGatewayAccounts(pool, vaultOf(NEW, OLD));
    expect(resealed).toBe(1);
    expect(failed).toEqual([
      { id: lost, problem: expect.stringMatching(/^it is sealed under master key [0-9a-f]{16}, which/) },
    ]);
    expect(await usable(NEW)).toEqual({ main: 'canary-main' });
  });

  it('takes back nothing that somebody changes meanwhile', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    const vault = vaultOf(NEW, OLD);
    const seal = vault.seal.bind(vault);
    // Between its reading and its writing.
    vault.seal = async (secret, place) => {
      await upsertGatewayAccount(pool, vaultOf(NEW, OLD), settingsOf('main', { credentials: { secret: 'canary-2' } }));
      return seal(secret, place);
    };
    await resealGatewayAccounts(pool, vault);
    expect(await usable(NEW)).toEqual({ main: 'canary-2' });
  });

  it('seals also what somebody changes meanwhile who still seals under the old one', async () => {
    await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
    const vault = vaultOf(NEW, OLD);
    const seal = vault.seal.bind(vault);
    let changes = 0;
    vault.seal = async (secret, place) => {
      changes += 1;
      const credentials = { secret: 'canary-2' };
      if (changes === 1) await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main', { credentials }));
      return seal(secret, place);
    };
    expect(await resealGatewayAccounts(pool, vault)).toEqual({ resealed: 1, current: 0, failed: [] });
    expect(await usable(NEW)).toEqual({ main: 'canary-2' });
  });

  it(
    'is a command, which says what it did and fails where something stays behind',
    async () => {
      await upsertGatewayAccount(pool, vaultOf(OLD), settingsOf('main'));
      const cli = async (keys: readonly string[], ...args: readonly string[]) =>
        run(process.execPath, [path.resolve('dist/cli/main.js'), 'master-key', ...args], {
          env: {
            PATH: process.env['PATH'],
            NODE_ENV: 'production',
            DATABASE_URL: database.url,
            MASTER_KEYS: keys.join(','),
          },
        });
      const made = JSON.parse((await cli([], 'new')).stdout) as { id: string; key: string };
      expect(readMasterKey(made.key).id).toBe(made.id);
      await expect(cli([made.key], 'rotate')).rejects.toMatchObject({
        stderr: expect.stringMatching(
          /^The credentials of gateway account gwa_\w+ cannot be opened: it is sealed under/,
        ),
      });
      expect(JSON.parse((await cli([made.key, OLD], 'rotate')).stdout)).toEqual({
        object: 'master_key_rotation',
        gateway_accounts: { resealed: 1, current: 0, failed: 0 },
        second_factors: { resealed: 0, current: 0, failed: 0 },
        messages: { resealed: 0, current: 0, failed: 0 },
        webhook_secrets: { resealed: 0, current: 0, failed: 0 },
        merchant_members: { resealed: 0, current: 0, failed: 0 },
      });
      expect(await usable(made.key)).toEqual({ main: 'canary-main' });
    },
    CLI_TIMEOUT_MS,
  );
});

/** How a sealed row shows which key it is under: as part of its header. */
function readMasterKeyHint(key: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'A256KW', enc: 'A256GCM', kid: readMasterKey(key).id }));
  return header.toString('base64url');
}
