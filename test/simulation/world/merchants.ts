/** Several merchants, each with a key and a server of its own: what belongs to one must never be seen by another. */
import type { Counters } from '../counters.js';
import type { Random } from '../random.js';
import type { ApiAnswer, ApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import {
  startWebhookReceiver,
  type Behaviour,
  type Delivery,
  type WebhookReceiver,
} from '../../support/webhook-receiver.js';

export interface Merchant {
  /** Its public id. */
  readonly id: string;
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly receiver: WebhookReceiver;
  /** Deliveries that its server answered with success. */
  readonly taken: ReadonlySet<Delivery>;
  /** Whether its server fails now and then. */
  misbehave(share: number): void;
  /** Hears of every delivery that its server takes from now on. */
  listen(listener: (delivery: Delivery) => void): void;
}

export const MERCHANT_COUNT = 3;
/** Basis points, each merchant another fee, so that a mix-up shows in the books. */
const FEES = [50, 120, 0];
const READY_TIMEOUT_MS = 30_000;
const ENDPOINTS = '/v1/webhook_endpoints';

export async function createMerchants(
  admin: ApiClient,
  clientOf: (key: string) => ApiClient,
  random: Random,
  counters: Counters,
): Promise<readonly Merchant[]> {
  const merchants: Merchant[] = [];
  for (let number = 0; number < MERCHANT_COUNT; number += 1)
    merchants.push(await createMerchant(admin, clientOf, number, random.fork(`server ${number}`), counters));
  return merchants;
}

async function createMerchant(
  admin: ApiClient,
  clientOf: (key: string) => ApiClient,
  number: number,
  random: Random,
  counters: Counters,
): Promise<Merchant> {
  const receiver = await startWebhookReceiver();
  const made = await mustAnswer(() =>
    admin.post<{ id: string }>('/admin/v1/merchants', {
      name: `Merchant ${number + 1}`,
      platform_fee_bps: FEES[number % FEES.length],
    }),
  );
  const key = await mustAnswer(() =>
    admin.post<{ secret: string }>(`/admin/v1/merchants/${made.id}/api_keys`, { livemode: false }),
  );
  const endpoint = await mustAnswer(() => endpointAt(receiver.url, clientOf(key.secret)));
  const taken = new Set<Delivery>();
  const listeners: ((delivery: Delivery) => void)[] = [];
  let failing = 0;
  receiver.behave((delivery) => {
    const behaviour: Behaviour = random.chance(failing) ? misbehaviour(random) : { status: 204 };
    if (typeof behaviour === 'object' && behaviour.status < 300) {
      taken.add(delivery);
      for (const listener of listeners) listener(delivery);
    } else counters.add('merchant_server_failed');
    return behaviour;
  });
  return {
    id: made.id,
    secretKey: key.secret,
    webhookSecret: endpoint.secret,
    receiver,
    taken,
    misbehave: (share) => {
      failing = share;
    },
    listen: (listener) => void listeners.push(listener),
  };
}

function misbehaviour(random: Random): Behaviour {
  return random.pick<Behaviour>([{ status: 500 }, { status: 503 }, 'reset', { status: 302 }]);
}

/** As a merchant who got no answer the last time: an endpoint that is there is not made again, and its secret is asked for anew. */
async function endpointAt(url: string, client: ApiClient): Promise<ApiAnswer<{ secret: string }>> {
  const { status, text, body } = await client.get<{ data: readonly { id: string; url: string }[] }>(ENDPOINTS);
  // The access projection may not have heard of the key yet.
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const mine = body.data.find((each) => each.url === new URL(url).href);
  return mine === undefined ? client.post(ENDPOINTS, { url }) : client.post(`${ENDPOINTS}/${mine.id}/roll_secret`);
}

/** Asks until it is done; a process may die of its crash point at any time, answered or not. */
function mustAnswer<T>(ask: () => Promise<ApiAnswer<T>>): Promise<T> {
  return eventually(
    async () => {
      const { status, text, body } = await ask();
      if (status !== 200 && status !== 201) throw new Error(`${status}: ${text}`);
      return body;
    },
    { timeoutMs: READY_TIMEOUT_MS, everyMs: 100 },
  );
}
