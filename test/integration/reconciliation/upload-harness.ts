/** The built program with gateway accounts that reconciliation knows, and an operator who uploads files. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import path from 'node:path';
import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { startProgram, type Program } from '../../support/program.js';

export const SOURCES = '/admin/v1/reconciliation/sources';

export interface UploadHarness {
  readonly database: TestDatabase;
  readonly program: Program;
  readonly adminKey: string;
  readonly merchantKey: string;
  readonly admin: ApiClient;
  readonly merchant: ApiClient;
  /** Starts another program on the same database. */
  another(): Promise<Program>;
  close(): Promise<void>;
}

export async function startUploadHarness(): Promise<UploadHarness> {
  const database = await createTestDatabase();
  const start = (): Promise<Program> =>
    startProgram({
      // What is planted is to be found, and not booked by itself.
      env: { DATABASE_URL: database.url, DATABASE_POOL_SIZE: '3', RECONCILIATION_FEE_TOLERANCE_BPS: '0' },
    });
  const adminKey = await keyIn(database, 'admin');
  const merchantKey = await keyIn(database, 'merchant_test');
  const programs = [await start()];
  const [program] = programs;
  if (program === undefined) throw new Error('no program');
  return {
    database,
    program,
    adminKey,
    merchantKey,
    admin: createApiClient(program.url, adminKey),
    merchant: createApiClient(program.url, merchantKey),
    another: async () => {
      const started = await start();
      programs.push(started);
      return started;
    },
    close: async () => {
      await Promise.all(programs.map((each) => each.kill9()));
      await database.drop();
    },
  };
}

/** A key as the kernel's access projection has it after auth announced it. */
export async function keyIn(database: TestDatabase, kind: KeyKind): Promise<string> {
  const generated = generateKey(kind);
  const isAdmin = kind === 'admin';
  await database.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      newUuid(),
      isAdmin ? 'admin' : 'merchant',
      generated.hash,
      isAdmin ? null : newUuid(),
      isAdmin ? null : false,
      isAdmin ? null : 50,
    ],
  );
  return generated.secret;
}

/** An account at which one attempt was made, long ago: so that it is known. */
export async function knownAccount(database: TestDatabase, gateway: string): Promise<{ uuid: string; id: string }> {
  const uuid = newUuid();
  await database.query(
    `INSERT INTO reconciliation.record (attempt_id, kind, subject_id, merchant_id, livemode, gateway, gateway_account_id, reference, key, status, version, started_at)
     VALUES ($1, 'payment', $1, $1, true, $2, $3, $4, $4, 'declined', 1, '2020-01-01T00:00:00Z')`,
    [newUuid(), gateway, uuid, randomBytes(8).toString('hex')],
  );
  return { uuid, id: encodeId('gatewayAccount', uuid) };
}

export interface UploadOptions {
  readonly url: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly preview?: boolean;
}

export function addressOf({ url, query, preview = false }: Pick<UploadOptions, 'url' | 'query' | 'preview'>): string {
  return `${url}${SOURCES}${preview ? '/preview' : ''}?${new URLSearchParams(query).toString()}`;
}

/** Sends a file, whole or as it is made. */
export async function sendFile(
  file: string | Buffer | AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<ApiAnswer> {
  const body = typeof file === 'string' ? Buffer.from(file) : Buffer.isBuffer(file) ? file : ReadableStream.from(file);
  const response = await fetch(addressOf(options), {
    method: 'POST',
    headers: { authorization: `Bearer ${options.key}`, 'content-type': options.type ?? 'text/csv' },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}

/** A request whose body the test writes, and may leave off in the middle of. */
export function openUpload(options: UploadOptions, headers: Readonly<Record<string, string>> = {}): ClientRequest {
  const request = httpRequest(addressOf(options), {
    method: 'POST',
    headers: { authorization: `Bearer ${options.key}`, 'content-type': options.type ?? 'text/csv', ...headers },
    agent: false,
  });
  request.on('error', () => undefined);
  return request;
}

export const goldenFile = (name: string): Promise<Buffer> =>
  readFile(path.resolve('src/modules/reconciliation/files/golden', name));

export interface SourceRow {
  readonly id: string;
  readonly state: string;
  readonly problem: string | null;
  readonly staged: number;
}

export const sourcesOf = (database: TestDatabase, account: string): Promise<SourceRow[]> =>
  database.query(
    'SELECT id, state, problem, staged FROM reconciliation.source WHERE gateway_account_id = $1 ORDER BY id',
    [account],
  );

export async function untilRunEnded(admin: ApiClient, id: string): Promise<Record<string, unknown>> {
  return eventually(
    async () => {
      const { body } = await admin.get(`/admin/v1/reconciliation/runs/${id}`);
      if (body['status'] !== 'succeeded') throw new Error(`the run is ${String(body['status'])}`);
      return body;
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
}

/** Rows of a Paystack export. */
export const PAYSTACK_HEADER = 'Id,Reference,Status,Amount,Fees,Currency,Paid at\r\n';

export function paystackRow(
  number: number,
  differing: Partial<Record<'id' | 'reference' | 'status' | 'amount' | 'fee' | 'currency' | 'at', string>> = {},
): string {
  const second = new Date(Date.UTC(2026, 0, 31, 10, 0, 0) + number * 1_000).toISOString();
  const row = {
    id: String(4_099_260_000 + number),
    reference: `order-${number}`,
    status: 'success',
    amount: '1500.50',
    fee: '15.75',
    currency: 'NGN',
    at: second,
    ...differing,
  };
  return `${row.id},${row.reference},${row.status},${row.amount},${row.fee},${row.currency},${row.at}\r\n`;
}

/** A large export, made on the fly. */
export async function* largeExport(bytes: number): AsyncGenerator<Buffer> {
  yield Buffer.from(PAYSTACK_HEADER);
  let number = 0;
  for (let size = 0; size < bytes;) {
    let rows = '';
    for (let row = 0; row < 500; row += 1) rows += paystackRow((number += 1));
    const chunk = Buffer.from(rows);
    size += chunk.length;
    yield await Promise.resolve(chunk);
  }
}
