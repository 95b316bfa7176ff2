import type { Call, Reply } from '../../gateway.js';
import type { Movement, NewMovement } from '../../movements.js';
import { asObject, json, parseJson } from '../../wire.js';
import { invalid, refuse, TROUBLE } from './answers.js';
import type { PayoutOffice } from './money-out.js';
import { payoutBody } from './payout-bodies.js';
import { openPayout, readPayout } from './payouts.js';

/** So that one request stays bounded work. */
const MAX_PAYOUTS = 100;

/** Batches remembered; the oldest go first, as memory is bounded. */
const MAX_BATCHES = 10_000;

/** `POST /v1/payout-batch`: all of its payouts, or none where one of them is not valid. */
export function createBatch(office: PayoutOffice, call: Call): Reply {
  return office.keys.once(call, (key) => {
    const orders = readBatch(call, key);
    if ('answer' in orders) return orders;
    const payouts = orders.map((order) => openPayout(office, order, call));
    const [first] = payouts;
    if (first === undefined) return { answer: invalid('payouts', 'must have at least one payout') };
    const id = `pb-${first.id.toString(36)}`;
    office.batches.set(placeOf(call.account.name, id), payouts);
    if (office.batches.size > MAX_BATCHES) {
      for (const oldest of office.batches.keys()) {
        office.batches.delete(oldest);
        break;
      }
    }
    // Faults strike the batch as a whole: its first payout stands for all.
    return { answer: json(200, { id }), opened: first, payout: first };
  });
}

/** `GET /v1/payout-batch/:id`. */
export function readOneBatch({ batches, payouts }: PayoutOffice, call: Call): Reply {
  const id = call.params[0] ?? '';
  const members = batches.get(placeOf(call.account.name, id)) ?? [];
  const known = members.filter((each) => payouts.byId(each.account.name, each.id) === each);
  if (known.length === 0) return { answer: refuse(404, 'payout-batch-not-found', 'Payout batch not found') };
  const status = known.some(isOnItsWay) ? 'processing' : 'complete';
  return { answer: json(200, { id, status, payouts: known.map(payoutBody) }) };
}

function readBatch(call: Call, key: string): NewMovement[] | Reply {
  const list = asObject(parseJson(call.request.body))?.['payouts'];
  if (!Array.isArray(list)) return { answer: TROUBLE.malformedBody };
  if (list.length > MAX_PAYOUTS) return { answer: invalid('payouts', `must have at most ${MAX_PAYOUTS} payouts`) };
  const orders: NewMovement[] = [];
  for (const [index, each] of list.entries()) {
    const order = readPayout(asObject(each) ?? {}, call.account, `${key}-${index}`);
    if ('status' in order) return { answer: order };
    orders.push(order);
  }
  return orders;
}

function isOnItsWay({ status }: Movement): boolean {
  return status === 'pending' || status === 'waiting';
}

function placeOf(account: string, id: string): string {
  return `${account} ${id}`;
}
