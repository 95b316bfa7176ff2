/** Proofs of statements, as whoever receives one checks it; over HTTP, from the terminal, and with the program as it is shipped. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { keyRing, readPublicKey } from '../../../src/modules/ledger/proof/chain/head.js';
import { newPrivateKey } from '../../../src/modules/ledger/proof/chain/signing-key.js';
import { checkProof } from '../../../src/modules/ledger/proof/statement/check-proof.js';
import {
  statementProof,
  type StatementProofJson,
} from '../../../src/modules/ledger/proof/statement/statement-proof.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { startProgram, type Program } from '../../support/program.js';
import { collect } from './disbursement-events.js';
import { createHarness, transfer, type LedgerHarness, type LedgerProcess } from './harness.js';

const SECRET = newPrivateKey();
const TIMEOUT_MS = 120_000;
const PAYMENTS = 30;

let harness: LedgerHarness;
let ledger: LedgerProcess;
let program: Program;
let folder: string;
let admin: ApiClient;
let merchant: ApiClient;
let stranger: ApiClient;
let account: string;
let publicKey: string;
const merchantId = newUuid();

async function key(kind: KeyKind, owner: string | null): Promise<string> {
  const generated = generateKey(kind);
  await harness.superuser.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      newUuid(),
      kind === 'admin' ? 'admin' : 'merchant',
      generated.hash,
      owner,
      owner === null ? null : false,
      owner === null ? null : 50,
    ],
  );
  return generated.secret;
}

const settings = (): Record<string, string> => ({
  NODE_ENV: 'production',
  DATABASE_URL: harness.superuser.url,
  LEDGER_SIGNING_KEY: SECRET,
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cli(args: readonly string[], env: Readonly<Record<string, string>> = settings()): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.resolve('dist/cli/main.js'), 'ledger', ...args],
      { env: { PATH: process.env['PATH'], ...env }, maxBuffer: 50_000_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const owner = (sql: string) => harness.superuser.query(`SET session_replication_role = replica; ${sql}`);

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
  folder = await mkdtemp(path.join(os.tmpdir(), 'sankofa-proof-'));
  for (let index = 0; index < PAYMENTS; index += 1)
    await collect(ledger, merchantId, 1_000 + index, newUuid(), { attempt_id: newUuid() });
  const [row] = await harness.superuser.query<{ id: string }>(
    `SELECT id FROM ledger.account WHERE merchant_id = $1 AND kind = 'merchant_pending'`,
    [merchantId],
  );
  account = row?.id ?? '';
  program = await startProgram({ env: { ...settings(), MODULES: 'ledger' } });
  admin = createApiClient(program.url, await key('admin', null));
  merchant = createApiClient(program.url, await key('merchant_test', merchantId));
  stranger = createApiClient(program.url, await key('merchant_test', newUuid()));
  await eventually(async () => {
    const [tip] = await harness.superuser.query<{ entries: string }>(
      'SELECT max(entries)::text AS entries FROM ledger.block',
    );
    const [all] = await harness.superuser.query<{ entries: string }>(
      'SELECT count(*)::text AS entries FROM ledger.entry',
    );
    expect(tip?.entries).toBe(all?.entries);
  });
  publicKey = (JSON.parse((await cli(['new-key'])).stdout) as { public_key: string }).public_key;
  const head = await admin.get('/admin/v1/ledger/proof/head');
  publicKey = Object.values((head.body as { public_keys: Record<string, string> }).public_keys)[0] ?? '';
}, TIMEOUT_MS);

afterAll(async () => {
  await program.stop();
  await rm(folder, { recursive: true, force: true });
  await harness.close();
}, TIMEOUT_MS);

function faultsOf(proof: StatementProofJson): readonly string[] {
  return checkProof(statementProof.parse(proof), keyRing([readPublicKey(publicKey)])).faults;
}

async function proofOf(client: ApiClient, prefix: string, query = ''): Promise<StatementProofJson> {
  const answer = await client.get(
    `${prefix}/v1/ledger/accounts/${encodeId('account', account)}/statement/proof${query}`,
  );
  expect(answer.status).toBe(200);
  return answer.body as StatementProofJson;
}

describe('the proof of a statement', () => {
  it('holds for its owner, page by page, and shows nobody else’s accounts', async () => {
    const whole = await proofOf(merchant, '');
    expect(whole.entries.length).toBeGreaterThanOrEqual(PAYMENTS);
    expect(faultsOf(whole)).toEqual([]);
    expect(whole.entries.every((each) => each.transfer === null)).toBe(true);
    const first = await proofOf(merchant, '', '?limit=7');
    expect(first).toMatchObject({ has_more: true, before: null });
    expect(faultsOf(first)).toEqual([]);
    const id = `${encodeId('account', account).replace('acct_', 'ent_')}_7`;
    const second = await proofOf(merchant, '', `?limit=7&starting_after=${id}`);
    expect(faultsOf(second)).toEqual([]);
    expect(second.before).toEqual(first.entries.at(-1));
    expect(first.after).toEqual(second.entries[0]);
    const at = whole.entries[9]?.entry.booked_at ?? '';
    const later = await proofOf(merchant, '', `?from=${encodeURIComponent(`${at.slice(0, -4)}Z`)}`);
    expect(faultsOf(later)).toEqual([]);
    expect(later.before).not.toBeNull();
    const of = `/v1/ledger/accounts/${encodeId('account', account)}/statement/proof`;
    expect((await stranger.get(of)).status).toBe(404);
    expect((await merchant.get(`/admin${of}`)).status).toBe(403);
  });

  it('shows operators the transfers as well', async () => {
    const proof = await proofOf(admin, '/admin');
    expect(proof.entries.every((each) => each.transfer !== null)).toBe(true);
    expect(faultsOf(proof)).toEqual([]);
  });

  it('fails, whatever is changed in it', async () => {
    const proof = await proofOf(admin, '/admin', '?limit=10');
    const flipped = (hex: string): string => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`;
    const change = (work: (copy: StatementProofJson) => void): StatementProofJson => {
      const copy = structuredClone(proof);
      work(copy);
      return copy;
    };
    const third = (copy: StatementProofJson) => {
      const entry = copy.entries[2];
      if (entry?.transfer == null) throw new Error('there is no such entry');
      return { ...entry, transfer: entry.transfer };
    };
    const changes: readonly (readonly [string, StatementProofJson])[] = [
      ['an amount', change((copy) => (third(copy).entry.amount += 1))],
      ['a balance', change((copy) => (third(copy).entry.balance += 1))],
      [
        'a time',
        change((copy) => (third(copy).entry.booked_at = third(copy).entry.booked_at.replace(/\d{6}Z/, '000001Z'))),
      ],
      [
        'a direction',
        change((copy) => (third(copy).entry.direction = third(copy).entry.direction === 'debit' ? 'credit' : 'debit')),
      ],
      ['a transfer', change((copy) => (third(copy).transfer.kind = 'gift'))],
      [
        'a digest',
        change(
          (copy) => (
            third(copy).transfer_digest,
            (copy.entries[2] = { ...third(copy), transfer_digest: flipped(third(copy).transfer_digest) })
          ),
        ),
      ],
      ['a place', change((copy) => (third(copy).place.leaf += 1))],
      ['a path', change((copy) => (third(copy).place.path[0] = flipped(third(copy).place.path[0] ?? '')))],
      ['an entry left out', change((copy) => copy.entries.splice(2, 1))],
      ['the first left out', change((copy) => copy.entries.shift())],
      ['the last left out', change((copy) => void (copy.entries.pop(), (copy.has_more = false)))],
      ['two swapped', change((copy) => copy.entries.splice(2, 2, ...copy.entries.slice(2, 4).toReversed()))],
      ['the currency', change((copy) => (copy.account.account.currency = 'XOF'))],
      ['the side', change((copy) => (copy.account.account.normal_side = 'debit'))],
      ['a root', change((copy) => copy.blocks.forEach((block) => (block.leaves_root = flipped(block.leaves_root))))],
      ['a head', change((copy) => copy.blocks.forEach((block) => (block.head = null)))],
      [
        'a signature',
        change((copy) =>
          copy.blocks.forEach(
            (block) =>
              block.head !== null &&
              (block.head.signature = `${block.head.signature.startsWith('A') ? 'B' : 'A'}${block.head.signature.slice(1)}`),
          ),
        ),
      ],
      ['the period', change((copy) => (copy.to = copy.entries[4]?.entry.booked_at ?? ''))],
    ];
    expect(faultsOf(proof)).toEqual([]);
    for (const [what, changed] of changes) expect([what, faultsOf(changed).length > 0]).toEqual([what, true]);
    const stranger = keyRing([readPublicKey(Buffer.alloc(32, 9).toString('base64url'))]);
    expect(checkProof(statementProof.parse(proof), stranger).faults.length).toBeGreaterThan(0);
  });
});

describe('npm run cli -- ledger', () => {
  it(
    'proves and checks, without a database',
    async () => {
      const id = encodeId('account', account);
      const file = path.join(folder, 'proof.json');
      const proved = await cli(['prove', '--account', id, '--to-head']);
      expect(proved).toMatchObject({ code: 0, stderr: '' });
      await writeFile(file, proved.stdout);
      const headFile = path.join(folder, 'head.json');
      await writeFile(headFile, JSON.stringify((await admin.get('/admin/v1/ledger/proof/head')).body));
      const offline = { NODE_ENV: 'production' };
      const checked = await cli(['check-proof', file, '--key', publicKey, '--head', headFile], offline);
      expect(checked.stdout).toMatch(
        new RegExp(`^proved: \\d+ entries of ${id}, from 0 to \\d+ [A-Z]{3} in minor units\n$`),
      );
      expect(checked.code).toBe(0);
      const changed = JSON.parse(proved.stdout) as StatementProofJson;
      for (const each of changed.entries) each.entry.amount += 1;
      await writeFile(file, JSON.stringify(changed));
      const refused = await cli(['check-proof', file, '--key', publicKey], offline);
      expect(refused.code).toBe(1);
      expect(refused.stdout).toMatch(/entry 1: it is not leaf \d+ of block 1\n[^]*not proved: \d+ faults\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'verifies: 0 and a word when all is well; 1 and what is not when it is not',
    async () => {
      const head = path.join(folder, 'kept.json');
      await writeFile(
        head,
        JSON.stringify(((await admin.get('/admin/v1/ledger/proof/head')).body as { head: unknown }).head),
      );
      const sound = await cli(['verify', '--head', head]);
      expect(sound.stdout).toMatch(/the ledger is what was chained, and adds up\n$/);
      expect(sound.code).toBe(0);
      expect(sound.stderr).toMatch(/^(chain|books): \d+ /);
      await owner(
        `UPDATE ledger.entry SET balance = balance + 1 WHERE account_id = '${account}' AND account_version = 5`,
      );
      const ent = `${encodeId('account', account).replace('acct_', 'ent_')}_5`;
      const damaged = await cli(['verify']);
      expect(damaged.code).toBe(1);
      expect(damaged.stdout).toContain(`entry altered: ${ent}, block 1, its balance is not what was chained\n`);
      const json = JSON.parse(
        (await cli(['verify', '--json', '--account', encodeId('account', account)])).stdout,
      ) as object;
      expect(json).toMatchObject({ sound: false, findings: [{ what: 'entry_altered', entry: ent }] });
      await owner(
        `UPDATE ledger.entry SET balance = balance - 1 WHERE account_id = '${account}' AND account_version = 5`,
      );
      expect((await cli(['verify'], { ...settings(), LEDGER_SIGNING_KEY: newPrivateKey() })).stdout).toMatch(
        /head of unknown key/,
      );
      const rotated = { ...settings(), LEDGER_SIGNING_KEY: newPrivateKey(), LEDGER_PUBLIC_KEYS: publicKey };
      expect((await cli(['verify'], rotated)).code).toBe(0);
    },
    TIMEOUT_MS,
  );
});

describe('the program', () => {
  it(
    'does not start in production without a key',
    async () => {
      const { LEDGER_SIGNING_KEY: _, ...without } = settings();
      const refused = await startProgram({ env: { ...without, MODULES: 'ledger' }, waitUntilReady: false });
      expect((await refused.exited).code).not.toBe(0);
      expect(refused.logs()).toMatch(/LEDGER_SIGNING_KEY must be set in production/);
    },
    TIMEOUT_MS,
  );

  it(
    'announces heads, and freezes and lists an account that drifted',
    async () => {
      const announced = await harness.superuser.query<{ payload: object }>(
        `SELECT payload FROM messaging.outbox WHERE type = 'ledger.head_signed.v1'`,
      );
      expect(announced.length).toBeGreaterThan(0);
      const opened = await harness.superuser.query<{ id: string }>(
        `SELECT id FROM ledger.account WHERE kind = 'gateway_clearing' ORDER BY id LIMIT 1`,
      );
      const fees = opened[0]?.id ?? '';
      await owner(`UPDATE ledger.account SET debits_posted = debits_posted + 7 WHERE id = '${fees}'`);
      const id = encodeId('account', fees);
      await eventually(async () => {
        expect((await admin.get(`/admin/v1/ledger/accounts/${id}`)).body).toMatchObject({
          state: 'frozen',
          state_change: { by: 'system' },
        });
      });
      const { body } = await admin.get('/admin/v1/ledger/drifts?status=open');
      expect(body).toMatchObject({
        data: [
          {
            account_id: id,
            frozen: true,
            totals: [{ column: 'debits_posted' }, { column: 'balance' }].slice(0, 1),
            ended_at: null,
          },
        ],
      });
      expect(await ledger.post([transfer(account, fees, 1n)])).toEqual(['account_frozen']);
      await owner(`UPDATE ledger.account SET debits_posted = debits_posted - 7 WHERE id = '${fees}'`);
      const open = await admin.post(`/admin/v1/ledger/accounts/${id}/unfreeze`, { reason: 'put right' });
      expect(open).toMatchObject({ status: 200, body: { state: 'open' } });
      await eventually(async () => {
        expect((await admin.get('/admin/v1/ledger/drifts?status=open')).body).toMatchObject({ data: [] });
      });
      expect(program.logs()).toMatch(/a ledger account is not what it adds up to/);
    },
    TIMEOUT_MS,
  );
});
