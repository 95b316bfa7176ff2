/** A gateway's door that the test holds: it passes on what is asked, and answers for the gateway's books what the test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { eventually } from '../../support/eventually.js';
import type { AnyGateway } from './gateways.js';
import type { System } from './system.js';

export interface BooksAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param page of Paystack's list. @param ask the gateway itself, for any of its pages */
export type Books = (page: number, ask: (page: number) => Promise<BooksAnswer>) => Promise<BooksAnswer> | BooksAnswer;

export interface BooksProxy {
  /** Every page that was asked for, and when (`performance.now()`). */
  readonly asked: readonly { readonly page: number; readonly at: number }[];
  /** From now on. */
  answer(books: Books): void;
  close(): Promise<void>;
}

const honest: Books = (page, ask) => ask(page);

/** Stands between the program and Paystack from now on. */
export async function holdPaystacksDoor(system: System): Promise<BooksProxy> {
  const target = String(system.sandbox.gateways['paystack']);
  const asked: { page: number; at: number }[] = [];
  let books = honest;
  const pass = async (request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>, body: string) => {
    const hopByHop: readonly string[] = ['host', 'connection', 'content-length'];
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !hopByHop.includes(name)));
    const response = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'GET',
      headers: { ...(headers as Record<string, string>), connection: 'close' },
      ...(body === '' ? {} : { body }),
    });
    return { status: response.status, body: await response.text() };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', target);
    const ask = (page: number): Promise<BooksAnswer> => {
      url.searchParams.set('page', String(page));
      return pass({ method: 'GET', headers: request.headers, url: `${url.pathname}${url.search}` }, '');
    };
    const page = Number(url.searchParams.get('page'));
    const isBooks = request.method === 'GET' && url.pathname === '/transaction';
    if (isBooks) asked.push({ page, at: performance.now() });
    const answer: BooksAnswer = isBooks ? await books(page, ask) : await pass(request, await text(request));
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await system
    .databaseOf('routing')
    .query(`UPDATE routing.gateway_account SET base_url = $1 WHERE gateway = 'paystack'`, [`http://127.0.0.1:${port}`]);
  await system.admin.get('/admin/v1/routing/gateways');
  return {
    asked,
    answer: (wanted) => {
      books = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The public id of the only account at a gateway. */
export async function accountAt(system: System, gateway: AnyGateway): Promise<string> {
  const [row] = await system
    .databaseOf('routing')
    .query<{ id: string }>('SELECT id FROM routing.gateway_account WHERE gateway = $1', [gateway]);
  if (row === undefined) throw new Error(`no account at ${gateway}`);
  return encodeId('gatewayAccount', row.id);
}

export interface RunResource {
  readonly id: string;
  readonly status: string;
  readonly listing: {
    readonly status: string;
    readonly pages_in: number;
    readonly pages: number | null;
    readonly lines_in: number;
    readonly problem: string | null;
  } | null;
  readonly counts: Readonly<Record<string, number>>;
}

const HOUR_MS = 3_600_000;

/** Asks for a run over the last hour and the next. */
export async function askForRun(
  system: System,
  gateway: AnyGateway,
  body: Readonly<Record<string, unknown>> = {},
): Promise<RunResource> {
  const answer = await system.admin.post<RunResource>('/admin/v1/reconciliation/runs', {
    gateway_account: await accountAt(system, gateway),
    from: new Date(Date.now() - HOUR_MS).toISOString(),
    to: new Date(Date.now() + HOUR_MS).toISOString(),
    ...body,
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

export async function readRun(system: System, { id }: Pick<RunResource, 'id'>): Promise<RunResource> {
  return (await system.admin.get<RunResource>(`/admin/v1/reconciliation/runs/${id}`)).body;
}

/** Waits until it is over, as it should be. */
export function untilRun(
  system: System,
  run: RunResource,
  status = 'succeeded',
  timeoutMs = 60_000,
): Promise<RunResource> {
  return eventually(
    async () => {
      const read = await readRun(system, run);
      if (read.status !== status) throw new Error(`the run is ${JSON.stringify(read)}`);
      return read;
    },
    { timeoutMs, everyMs: 100 },
  );
}

/** Waits until reconciliation knows of so many attempts at a gateway that have moved money. */
export function untilKnown(system: System, gateway: AnyGateway, count: number): Promise<void> {
  return eventually(
    async () => {
      const [row] = await system.databaseOf('reconciliation').query<{ count: number }>(
        `SELECT count(*)::int AS count FROM reconciliation.record r WHERE gateway = $1 AND status = 'succeeded'
            AND EXISTS (SELECT FROM reconciliation.movement m WHERE m.attempt_id = r.attempt_id)`,
        [gateway],
      );
      expect(row?.count).toBe(count);
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
}

export interface BreakResource {
  readonly id: string;
  readonly kind: string;
  readonly side: string;
  readonly reference: string | null;
  readonly amount: number;
  readonly differences: readonly object[];
}

export async function openBreaks(system: System, query = ''): Promise<readonly BreakResource[]> {
  const { body } = await system.admin.get<{ data: BreakResource[] }>(
    `/admin/v1/reconciliation/breaks?status=open${query}`,
  );
  return body.data;
}
