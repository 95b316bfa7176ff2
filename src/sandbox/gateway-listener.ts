import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Created, FaultBoard, Struck } from './faults.js';
import {
  isAccount,
  type Gateway,
  type OpenCall,
  type Operation,
  type Reply,
  type Route,
  type WireRequest,
} from './gateway.js';
import type { RequestCounts } from './request-counts.js';
import { SwitchedServer } from './switched-server.js';
import { Timers } from './timers.js';
import { readBody, send, type Answer } from './wire.js';

const NOTHING: Struck = new Map();

/** What the operations that create something create. */
const CREATED: Readonly<Partial<Record<Operation, Created>>> = { create: 'charge', refund: 'refund', payout: 'payout' };

/** The part of the HTTP server that all gateways share: listening, refusing, routing, and the faults of the wire. */
export class GatewayListener {
  private readonly listener: SwitchedServer;
  private readonly slow = new Timers();

  constructor(
    readonly gateway: Gateway,
    host: string,
    port: number,
    private readonly faults: FaultBoard,
    private readonly counts: RequestCounts,
  ) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.serve(request, response);
    this.listener = new SwitchedServer(host, port, serve, () => !this.isGone());
    this.listener.server.on('connection', (socket) => this.refuseSome(socket));
  }

  get url(): string {
    return this.listener.url;
  }

  /** Makes the listener agree with the faults `down` and `refuse`: closed while either is in force at full rate, open otherwise. */
  follow(): Promise<void> {
    return this.listener.follow();
  }

  /** A gateway that is down altogether has nothing that listens; one that is partly down has an edge that answers 503. */
  private isGone(): boolean {
    const { name } = this.gateway;
    return [this.faults.active(name, 'refuse'), this.faults.active(name, 'down')].some(
      (fault) => fault !== undefined && fault.order.rate >= 1,
    );
  }

  async close(): Promise<void> {
    this.slow.clear();
    await this.listener.close();
  }

  /** A partial `refuse` cannot close the listener: it resets that share of the connections before a byte is read. */
  private refuseSome(socket: Socket): void {
    if (this.faults.strikesRequest(this.gateway.name, 'refuse')) socket.resetAndDestroy();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const { name } = this.gateway;
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    // Flutterwave's own client library asks for `//v3/...`, so that a gateway's edge has to take two slashes for one.
    const path = (cut < 0 ? url : url.slice(0, cut)).replace(/^\/{2,}/, '/');
    const method = request.method ?? 'GET';
    const found = match(this.gateway.routes, method, path);
    const operation = found?.route.operation ?? 'other';
    this.counts.add(name, operation);
    // While a partial `refuse` is on, every request comes on a connection of its own, so that the rate is one of requests.
    if (this.faults.active(name, 'refuse')) response.setHeader('connection', 'close');
    const down = this.faults.strikesRequest(name, 'down');
    const slow = this.faults.strikesRequest(name, 'slow', CREATED[operation]);
    const body = await readBody(request);
    if (down) {
      send(response, this.gateway.trouble.down);
      return;
    }
    const answer =
      body === undefined
        ? this.gateway.trouble.bodyTooLarge
        : this.answer(
            {
              method,
              path,
              query: new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1)),
              headers: request.headers,
              body,
              remoteAddress: request.socket.remoteAddress ?? '',
            },
            found,
            response,
          );
    // Silence: the connection stays open until the client gives up.
    if (answer === undefined) return;
    if (slow) this.slow.after(slow.ms, () => send(response, answer));
    else send(response, answer);
  }

  /** @returns the answer, or undefined when the client is to be left waiting. */
  private answer(wire: WireRequest, found: Found | undefined, response: ServerResponse): Answer | undefined {
    const { gateway } = this;
    if (found === undefined) return gateway.trouble.noSuchRoute;
    const { route, params } = found;
    const created = CREATED[route.operation];
    const struck = created === undefined ? NOTHING : this.strike(created, response);
    if (strikes(struck, 'timeout_before_charge')) return undefined;
    if (strikes(struck, 'error_5xx_before')) return gateway.trouble.serverError;
    const call: OpenCall = { request: wire, params, struck, baseUrl: this.url };
    if (route.open === true) return told(route.handle(call), gateway);
    const account = gateway.authenticate(wire);
    if (!isAccount(account)) return account;
    return told(route.handle({ ...call, account }), gateway);
  }

  private strike(created: Created, response: ServerResponse): Struck {
    const struck = this.faults.strikesCreate(this.gateway.name, created);
    // `after` has just run out: this request is still served, then the listener closes.
    if (this.isGone() && this.listener.isListening) {
      response.once('close', () => void this.follow().catch(() => undefined));
    }
    return struck;
  }
}

interface Found {
  readonly route: Route;
  readonly params: string[];
}

function match(routes: readonly Route[], method: string, path: string): Found | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const matched = route.path.exec(path);
    if (matched === null) continue;
    const params = matched.slice(1).map(decoded);
    return { route, params };
  }
  return undefined;
}

/** A malformed escape is taken as it stands: it names nothing, and is answered so. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function strikes(struck: Struck, name: 'timeout_before_charge' | 'error_5xx_before'): boolean {
  const fault = struck.get(name);
  if (fault === undefined) return false;
  fault.hits += 1;
  return true;
}

/** What the client is told: the plan of what was opened may forbid the truth. */
function told(reply: Reply, gateway: Gateway): Answer | undefined {
  const plan = reply.opened?.plan;
  if (plan?.createAnswer === 'silence') return undefined;
  if (plan?.createAnswer === 'error') return gateway.trouble.serverError;
  return plan?.createAnswer === 'garbage' ? gateway.trouble.garbage : reply.answer;
}
