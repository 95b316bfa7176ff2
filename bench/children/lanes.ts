/** Spreads a load: connections over the addresses of the targets, and the requests of each address over its merchants. */
import { HttpConnection } from './http-client.js';
import { paymentRequests, type PaymentRequest, type RequestTarget } from './payment-requests.js';

/** A connection and what is sent on it, one after the other. */
export interface Lane {
  readonly connection: HttpConnection;
  next(): PaymentRequest;
}

/** @param count of connections: at least one for each address, or some get no load */
export function openLanes(targets: readonly RequestTarget[], count: number): readonly Lane[] {
  const addresses = byAddress(targets).map(([first, ...others]) => ({
    host: first.host,
    port: first.port,
    next: inTurn([first, ...others].map((target) => paymentRequests(target))),
  }));
  return Array.from({ length: count }, (_, index): Lane => {
    const address = addresses[index % addresses.length];
    if (address === undefined) throw new Error('a load needs a target');
    return { connection: new HttpConnection(address.host, address.port), next: address.next };
  });
}

type Targets = [RequestTarget, ...RequestTarget[]];

function byAddress(targets: readonly RequestTarget[]): readonly Targets[] {
  const groups = new Map<string, Targets>();
  for (const target of targets) {
    const address = `${target.host}:${target.port}`;
    const group = groups.get(address);
    if (group === undefined) groups.set(address, [target]);
    else group.push(target);
  }
  return [...groups.values()];
}

/** Every merchant sends one request before the first sends its second. */
function inTurn(merchants: readonly (() => PaymentRequest)[]): () => PaymentRequest {
  let turn = -1;
  return () => {
    turn = (turn + 1) % merchants.length;
    const next = merchants[turn];
    if (next === undefined) throw new Error('an address needs a merchant');
    return next();
  };
}
