/** The merchants' systems: they send what is ordered, and do not give up until they have an answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counters } from './counters.js';
import { publicIdOf, type Journal, type JournalEntry, type Wish, type WishKind } from './journal.js';
import type { Funds, PayoutOrder } from './money-out-orders.js';
import type { Order } from './orders.js';
import type { World } from './world/world.js';

/** A client's pause before it tries again: twice as long each time, up to the second figure, and never shorter than it was told to wait. */
const RETRY_PAUSE_MS = { first: 300, most: 3_000 };
/** A client's own patience with one request, beyond what it asked to wait. */
const REQUEST_TIMEOUT_MS = 12_000;
/** Longer than any outage that a run makes. */
const PATIENCE_MS = 180_000;
/** How long a merchant waits for a balance before they ask all the same, and how often they look. */
const FUNDS_PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly code: string | undefined;
  /** What the answer asks for; 0 where it does not say. */
  readonly retryAfterMs: number;
}

const NO_ANSWER: Reply = { status: 0, text: 'no answer at all', code: undefined, retryAfterMs: 0 };

export interface LoadTools {
  readonly world: World;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

interface BalanceList {
  readonly data: readonly { readonly currency: string; readonly pending: number; readonly available: number }[];
}

/** What merchants ask for at times of their own choosing. Refunds come after their payments: see `refund-desk.ts`. */
type Errand = Order | PayoutOrder;

export const PATHS: Readonly<Record<Exclude<WishKind, 'refund'>, string>> = {
  payment: '/v1/payments',
  payout: '/v1/payouts',
  payout_batch: '/v1/payout_batches',
};

/** Sends every order at its time. Ends when each has been accepted. */
export async function runLoad(
  payments: readonly Order[],
  payouts: readonly PayoutOrder[],
  tools: LoadTools,
): Promise<void> {
  const orders: readonly Errand[] = [...payments, ...payouts].sort((a, b) => a.atMs - b.atMs);
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  for (const order of orders) {
    await pause(order.atMs - (performance.now() - startedAt), tools.signal);
    if (tools.signal.aborted) break;
    // Caught at once: by the time that all have been started, one may have failed long ago.
    running.push(new Client(order, tools).run().catch((error: unknown) => void failures.push(error)));
  }
  await Promise.all(running);
  tools.signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** Ends early, and quietly, when the run is interrupted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Sends each key of the journal once more: whatever happened meanwhile, the answer is the one that was given. */
export async function repeatAll(tools: LoadTools): Promise<void> {
  const { journal } = tools;
  const atATime = 16;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let entry = journal.entries[next]; entry !== undefined; entry = journal.entries[next]) {
      next += 1;
      // What was refused may be accepted now, as a later answer to a new question.
      if (entry.accepted.length > 0) await sendUntilAccepted(entry, { ...tools, at: next, waitSeconds: 0 });
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
}

/** Reads every refund and payout once, as merchants see it when everything has come to rest. */
export async function readAll({ world, journal, signal }: LoadTools): Promise<void> {
  for (const entry of journal.entries) {
    signal.throwIfAborted();
    const id = publicIdOf(entry);
    if (id === undefined || (entry.kind !== 'refund' && entry.kind !== 'payout')) continue;
    const path = entry.kind === 'refund' ? '/v1/refunds' : PATHS.payout;
    const client = world.clientOf(world.merchants[entry.merchant]?.secretKey ?? '');
    const { status, body } = await client.get(`${path}/${id}`);
    entry.shown = status === 200 ? body : { status: `answered ${status}` };
  }
}

class Client {
  private readonly entry: JournalEntry;

  private readonly wish: Wish;
  private readonly waitSeconds: number;

  constructor(
    private readonly order: Errand,
    private readonly tools: LoadTools,
  ) {
    const { merchant, key, body, behaviour } = order;
    const kind = 'kind' in order ? order.kind : 'payment';
    this.wish = { kind, path: PATHS[kind], merchant, key, body };
    this.waitSeconds = 'waitSeconds' in order ? order.waitSeconds : 0;
    this.entry = tools.journal.open(this.wish);
    tools.counters.add(kind === 'payment' ? `load ${behaviour}` : `load ${kind} ${behaviour}`);
    if (this.waitSeconds > 0) tools.counters.add('load waits');
  }

  async run(): Promise<void> {
    const { order } = this;
    if ('funds' in order && order.funds !== undefined) await this.untilThere(order.funds);
    switch (order.behaviour) {
      case 'plain':
        return this.send(order.at);
      case 'twins':
        await Promise.all([this.send(0), this.send(1)]);
        return;
      case 'repeat':
        await this.send(order.at);
        await sleep(order.laterMs);
        return this.send(order.at + 1);
      case 'abort':
        await this.giveUp();
        return this.send(order.at + 1);
      case 'other_amount':
        await this.send(order.at);
        return this.expectRefusal({ body: { ...order.body, amount: Number(order.body['amount']) + 1 } }, 422);
      case 'other_key':
        await this.send(order.at);
        return this.expectRefusal({ key: `other-${order.key}` }, 409);
      case 'stranger':
        return this.asStranger();
    }
  }

  private async untilThere({ currency, amount }: Funds): Promise<void> {
    const { order, tools } = this;
    const { world, signal } = tools;
    const secretKey = world.merchants[order.merchant]?.secretKey ?? '';
    const deadline = performance.now() + FUNDS_PATIENCE_MS;
    for (let at = order.at; performance.now() < deadline && !signal.aborted; at += 1) {
      const balance = (await balancesOf(world, secretKey, at)).find((each) => each.currency === currency);
      if (balance !== undefined && balance.pending + balance.available >= amount) return;
      await pause(LOOK_EVERY_MS, signal);
    }
    tools.counters.add('load payout not_funded');
  }

  private send(at: number): Promise<void> {
    return sendUntilAccepted(this.entry, { ...this.tools, at, waitSeconds: this.waitSeconds });
  }

  private async giveUp(): Promise<void> {
    const { order, tools } = this;
    await tryOnce(tools, this.wish, { at: order.at, timeoutMs: order.laterMs });
    tools.counters.add('load given_up');
  }

  /** Another body under a used key, or a used reference under another key: refused, with no payment made. */
  private async expectRefusal(change: Partial<Pick<Wish, 'key' | 'body'>>, status: 409 | 422): Promise<void> {
    const reply = await untilAnswered(this.tools, { ...this.wish, ...change }, { at: this.order.at });
    const id = publicIdOf(this.entry);
    const isRight =
      reply.status === status &&
      (status === 422
        ? reply.code === 'idempotency.key_reused'
        : reply.code === `${this.wish.kind}.duplicate_reference` && reply.text.includes(id ?? '?'));
    if (isRight) return;
    this.tools.journal.surprise({
      invariant: status === 422 ? 'same_key_same_bytes' : 'one_payment_per_reference',
      key: this.order.key,
      text: `${status === 422 ? 'another amount under the same key' : 'the same reference under another key'} was answered ${reply.status} ${reply.text}`,
    });
  }

  /** The same key and reference at another merchant are another payment, and neither sees the other's. */
  private async asStranger(): Promise<void> {
    const { order, tools, entry } = this;
    const { journal, world } = tools;
    const stranger = (order.merchant + 1) % world.merchants.length;
    const other = journal.open({ ...this.wish, merchant: stranger });
    await Promise.all([this.send(order.at), sendUntilAccepted(other, { ...tools, at: order.at + 1, waitSeconds: 0 })]);
    const id = publicIdOf(entry);
    // Without an answer there is nothing to compare; that is told of by itself.
    if (id === undefined) return;
    if (id === publicIdOf(other)) {
      const text = `two merchants got one ${this.wish.kind}, ${id}`;
      journal.surprise({ invariant: 'no_row_crosses_a_tenant', key: order.key, text });
    }
    const client = world.clientOf(world.merchants[stranger]?.secretKey ?? '', order.at);
    const peek = await client.get(`${this.wish.path}/${id}`).catch(() => undefined);
    if (peek?.status === 200) {
      const text = `another merchant could read ${id}`;
      journal.surprise({ invariant: 'no_row_crosses_a_tenant', key: order.key, text });
    }
  }
}

export async function sendUntilAccepted(
  entry: JournalEntry,
  how: LoadTools & { readonly at: number; readonly waitSeconds: number },
): Promise<void> {
  const { status, text } = await untilAnswered(how, entry, how);
  if (status === 201 || status === 202) {
    entry.accepted.push({ status, text });
    return;
  }
  if (entry.mayBeRefused === true && status >= 400 && status < 500) {
    entry.refused.push({ status, text });
    return;
  }
  how.journal.surprise({
    invariant: 'same_key_same_bytes',
    key: entry.key,
    text: `a ${entry.kind} that should be accepted was answered ${status} ${text}`,
  });
}

/** Repeats as clients are told to: no answer, 5xx, 429, and a key that is in use. */
async function untilAnswered(
  tools: LoadTools,
  wish: Wish,
  how: { readonly at: number; readonly waitSeconds?: number },
): Promise<Reply> {
  const deadline = performance.now() + PATIENCE_MS;
  let pauseMs = RETRY_PAUSE_MS.first;
  for (let at = how.at; ; at += 1) {
    tools.signal.throwIfAborted();
    const reply = await tryOnce(tools, wish, { ...how, at });
    if (reply === undefined) tools.counters.add('load no_answer');
    else if (reply.status >= 500) tools.counters.add('load 5xx');
    else if (reply.status === 429 || reply.code === 'idempotency.key_in_use') tools.counters.add('load come_again');
    else return reply;
    if (performance.now() > deadline) return reply ?? NO_ANSWER;
    await sleep(Math.max(pauseMs, reply?.retryAfterMs ?? 0));
    pauseMs = Math.min(2 * pauseMs, RETRY_PAUSE_MS.most);
  }
}

/** Undefined when there was no answer. */
async function tryOnce(
  { world }: LoadTools,
  { merchant, key, body, path }: Wish,
  how: { readonly at: number; readonly waitSeconds?: number; readonly timeoutMs?: number },
): Promise<Reply | undefined> {
  const urls = world.fleet.urls();
  const waitSeconds = how.waitSeconds ?? 0;
  const headers: Record<string, string> = {
    authorization: `Bearer ${world.merchants[merchant]?.secretKey ?? ''}`,
    'content-type': 'application/json',
    'idempotency-key': key,
    ...(waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {}),
  };
  try {
    const response = await fetch(`${urls[how.at % urls.length]}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(how.timeoutMs ?? REQUEST_TIMEOUT_MS + waitSeconds * 1_000),
    });
    const text = await response.text();
    const retryAfterMs = 1_000 * Number(response.headers.get('retry-after') ?? 0);
    return { status: response.status, text, code: response.ok ? undefined : codeOf(text), retryAfterMs };
  } catch {
    return undefined;
  }
}

/** None while nobody answers. */
async function balancesOf({ fleet }: World, secretKey: string, at: number): Promise<BalanceList['data']> {
  const urls = fleet.urls();
  try {
    const response = await fetch(`${urls[at % urls.length]}/v1/balances`, {
      headers: { authorization: `Bearer ${secretKey}` },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return response.ok ? ((await response.json()) as BalanceList).data : [];
  } catch {
    return [];
  }
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}
