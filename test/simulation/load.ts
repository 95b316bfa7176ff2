/** The merchants' systems: they send what is ordered, and do not give up until they have an answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counters } from './counters.js';
import type { Journal, JournalEntry } from './journal.js';
import { paymentIdOf } from './journal.js';
import type { Order } from './orders.js';
import type { World } from './world/world.js';

/** A client's pause before it tries again. */
const RETRY_PAUSE_MS = 300;
/** A client's own patience with one request, beyond what it asked to wait. */
const REQUEST_TIMEOUT_MS = 12_000;
/** Longer than any outage that a run makes. */
const PATIENCE_MS = 180_000;

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly code: string | undefined;
}

export interface LoadTools {
  readonly world: World;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/** Sends every order at its time. Ends when each has been accepted. */
export async function runLoad(orders: readonly Order[], tools: LoadTools): Promise<void> {
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
      await sendUntilAccepted(entry, { ...tools, at: next, waitSeconds: 0 });
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
}

class Client {
  private readonly entry: JournalEntry;

  constructor(
    private readonly order: Order,
    private readonly tools: LoadTools,
  ) {
    this.entry = tools.journal.open(order.merchant, order.key, order.body);
    tools.counters.add(`load ${order.behaviour}`);
    if (order.waitSeconds > 0) tools.counters.add('load waits');
  }

  async run(): Promise<void> {
    const { order } = this;
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
        return this.expectRefusal(order.key, { ...order.body, amount: Number(order.body['amount']) + 1 }, 422);
      case 'other_key':
        await this.send(order.at);
        return this.expectRefusal(`other-${order.key}`, order.body, 409);
      case 'stranger':
        return this.asStranger();
    }
  }

  private send(at: number): Promise<void> {
    return sendUntilAccepted(this.entry, { ...this.tools, at, waitSeconds: this.order.waitSeconds });
  }

  private async giveUp(): Promise<void> {
    const { order, tools } = this;
    await tryOnce(tools, order.merchant, order.key, order.body, { at: order.at, timeoutMs: order.laterMs });
    tools.counters.add('load given_up');
  }

  /** Another body under a used key, or a used reference under another key: refused, with no payment made. */
  private async expectRefusal(key: string, body: Readonly<Record<string, unknown>>, status: 409 | 422): Promise<void> {
    const reply = await untilAnswered(this.tools, this.order.merchant, key, body, { at: this.order.at });
    const id = paymentIdOf(this.entry);
    const isRight =
      reply.status === status &&
      (status === 422
        ? reply.code === 'idempotency.key_reused'
        : reply.code === 'payment.duplicate_reference' && reply.text.includes(id ?? '?'));
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
    const other = journal.open(stranger, order.key, order.body);
    await Promise.all([this.send(order.at), sendUntilAccepted(other, { ...tools, at: order.at + 1, waitSeconds: 0 })]);
    const id = paymentIdOf(entry);
    // Without an answer there is nothing to compare; that is told of by itself.
    if (id === undefined) return;
    if (id === paymentIdOf(other)) {
      const text = `two merchants got one payment, ${id}`;
      journal.surprise({ invariant: 'no_row_crosses_a_tenant', key: order.key, text });
    }
    const client = world.clientOf(world.merchants[stranger]?.secretKey ?? '', order.at);
    const peek = await client.get(`/v1/payments/${id}`).catch(() => undefined);
    if (peek?.status === 200) {
      const text = `another merchant could read ${id}`;
      journal.surprise({ invariant: 'no_row_crosses_a_tenant', key: order.key, text });
    }
  }
}

async function sendUntilAccepted(
  entry: JournalEntry,
  how: LoadTools & { readonly at: number; readonly waitSeconds: number },
): Promise<void> {
  const reply = await untilAnswered(how, entry.merchant, entry.key, entry.body, how);
  if (reply.status === 201 || reply.status === 202) {
    entry.accepted.push({ status: reply.status, text: reply.text });
    return;
  }
  how.journal.surprise({
    invariant: 'same_key_same_bytes',
    key: entry.key,
    text: `a payment that should be accepted was answered ${reply.status} ${reply.text}`,
  });
}

/** Repeats as clients are told to: no answer, 5xx, 429, and a key that is in use. */
async function untilAnswered(
  tools: LoadTools,
  merchant: number,
  key: string,
  body: Readonly<Record<string, unknown>>,
  how: { readonly at: number; readonly waitSeconds?: number },
): Promise<Reply> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let at = how.at; ; at += 1) {
    tools.signal.throwIfAborted();
    const reply = await tryOnce(tools, merchant, key, body, { ...how, at });
    if (reply === undefined) tools.counters.add('load no_answer');
    else if (reply.status >= 500) tools.counters.add('load 5xx');
    else if (reply.status === 429 || reply.code === 'idempotency.key_in_use') tools.counters.add('load come_again');
    else return reply;
    if (performance.now() > deadline) return reply ?? { status: 0, text: 'no answer at all', code: undefined };
    await sleep(RETRY_PAUSE_MS);
  }
}

/** Undefined when there was no answer. */
async function tryOnce(
  { world }: LoadTools,
  merchant: number,
  key: string,
  body: Readonly<Record<string, unknown>>,
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
    const response = await fetch(`${urls[how.at % urls.length]}/v1/payments`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(how.timeoutMs ?? REQUEST_TIMEOUT_MS + waitSeconds * 1_000),
    });
    const text = await response.text();
    return { status: response.status, text, code: response.ok ? undefined : codeOf(text) };
  } catch {
    return undefined;
  }
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}
