import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ControlledParts } from './controlled-parts.js';
import { describeSandbox } from './describe.js';
import { readFaultOrder } from './fault-order.js';
import { FAULT_NAMES } from './faults.js';
import type { LedgerEntry } from './ledger.js';
import { AFRICAS_TALKING } from './messaging/africas-talking.js';
import type { KeptMessage } from './messaging/kept-messages.js';
import { gatewayOf, misprint, playByHand, problem, readFloat, setFloat, settle } from './operator-money.js';
import { asObject, json, pageNumber, parseJson, readBody, send, text, type Answer, type JsonObject } from './wire.js';

/** Entries of one page of the ledger unless `limit` says otherwise, and at most. */
const PAGE = 1_000;
const MAX_PAGE = 10_000;

/** Longer than a client's pool keeps an idle connection, so that on a busy machine too it is the client who closes it. Milliseconds. */
const KEEP_ALIVE_MS = 75_000;

/** The operator's side: faults, books, floats, accounts, and the customer's and the bank's part played by hand. On a port of its own, so that it answers whatever the gateways suffer. */
export class ControlApi {
  private readonly server: Server;
  private port: number;
  private readonly gateways: readonly string[];

  constructor(
    private readonly host: string,
    port: number,
    private readonly parts: ControlledParts,
  ) {
    this.port = port;
    this.gateways = [...parts.listeners.map((listener) => listener.gateway.name), AFRICAS_TALKING];
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void this.serve(request, response);
    });
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, this.host, () => {
        this.server.off('error', reject);
        const address = this.server.address();
        if (typeof address === 'object' && address !== null) this.port = address.port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const body = await readBody(request);
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
      send(response, await this.answer(`${request.method} ${pathname}`, searchParams, body));
    } catch (error) {
      send(response, problem(500, error instanceof Error ? error.message : String(error)));
    }
  }

  private async answer(route: string, query: URLSearchParams, body: string | undefined): Promise<Answer> {
    const { counts, faults, ledger, webhooks } = this.parts;
    switch (route) {
      case 'GET /':
        return json(200, describeSandbox(this.url, this.parts));
      case 'GET /_faults':
        return json(200, { data: faults.list().map((fault) => fault.describe()) });
      case 'DELETE /_faults':
        return this.removeFaults(query);
      case 'GET /_ledger':
        return this.readLedger(query);
      case 'GET /_ledger/summary':
        return json(200, { data: ledger.summary() });
      case 'DELETE /_ledger':
        return this.reset();
      case 'GET /_float':
        return readFloat(this.parts, query);
      case 'GET /_requests/summary':
        return json(200, { data: counts.summary() });
      case 'GET /_webhooks/summary':
        return json(200, { data: webhooks.summary() });
      case 'GET /_messages':
        return json(200, { data: this.parts.messages.to(query.get('to') ?? undefined).map(shownMessage) });
      case 'DELETE /_messages':
        this.parts.messages.clear();
        return json(200, { reset: true });
      case 'GET /_accounts':
        return json(200, {
          data: this.parts.accounts
            .list()
            .map(({ gateway, name, webhookUrl }) => ({ gateway, account: name, webhook_url: webhookUrl })),
        });
      default:
        return this.answerPost(route, body);
    }
  }

  private async answerPost(route: string, body: string | undefined): Promise<Answer> {
    const handlers: Readonly<Record<string, (body: JsonObject) => Answer | Promise<Answer>>> = {
      'POST /_faults': (object) => this.putFault(object),
      'POST /_accounts': (object) => this.putAccount(object),
      'POST /_float': (object) => setFloat(this.parts, object),
      'POST /_misprints': (object) => misprint(this.parts, object),
      'POST /_settlements': (object) => settle(this.parts, object),
      'POST /_transactions/approve': (object) => playByHand(this.parts, object, 'approve'),
      'POST /_transactions/decline': (object) => playByHand(this.parts, object, 'decline'),
      'POST /_transactions/return': (object) => playByHand(this.parts, object, 'return'),
    };
    const handler = handlers[route];
    if (handler === undefined) return problem(404, `nothing at ${route}; GET / lists what there is`);
    const object = asObject(parseJson(body ?? ''));
    return object === undefined ? problem(400, 'the body must be a JSON object of at most 64 KB') : handler(object);
  }

  private async putFault(body: JsonObject): Promise<Answer> {
    const order = readFaultOrder(body, [
      ...this.parts.listeners.map(({ gateway }) => gateway),
      { name: AFRICAS_TALKING },
    ]);
    if (typeof order === 'string') return problem(400, order);
    const fault = this.parts.faults.put(order);
    await this.followRefusals();
    return json(201, fault.describe());
  }

  private async removeFaults(query: URLSearchParams): Promise<Answer> {
    const gateway = query.get('gateway') ?? undefined;
    const fault = query.get('fault') ?? undefined;
    if (gateway !== undefined && gateway !== '*' && !this.gateways.includes(gateway)) {
      return problem(400, `unknown gateway; valid gateways: ${this.gateways.join(', ')}, *`);
    }
    if (fault !== undefined && !FAULT_NAMES.some((name) => name === fault)) {
      return problem(400, `unknown fault; valid faults: ${FAULT_NAMES.join(', ')}`);
    }
    const removed = this.parts.faults.remove(gateway, fault);
    await this.followRefusals();
    return json(200, { removed });
  }

  private async followRefusals(): Promise<void> {
    await Promise.all([this.parts.sms, ...this.parts.listeners].map((listener) => listener.follow()));
  }

  private readLedger(query: URLSearchParams): Answer {
    const { ledger } = this.parts;
    const references = query.getAll('reference');
    if (references.length > 0) {
      return json(200, { data: [...new Set(references)].flatMap((reference) => ledger.of(reference)).map(shown) });
    }
    const afterText = query.get('after') ?? '0';
    if (!/^\d{1,12}$/.test(afterText))
      return problem(400, 'after must be a whole number: the next_after of the page before');
    const after = Number(afterText);
    const entries = ledger.page(after, pageNumber(query.get('limit'), PAGE, MAX_PAGE));
    const next = after + entries.length;
    return json(200, { data: entries.map(shown), next_after: next, has_more: next < ledger.size });
  }

  /** Forgets all transactions and money, and everything that was still to happen to them; floats are the default ones again. Accounts, tokens and faults stay. */
  private reset(): Answer {
    this.parts.timers.clear();
    this.parts.webhooks.clear();
    this.parts.ledger.clear();
    this.parts.floats.clear();
    for (const { gateway } of this.parts.listeners) {
      gateway.transactions.clear();
      gateway.settlements?.clear();
      gateway.moneyOut?.refunds.clear();
      gateway.moneyOut?.payouts.clear();
    }
    return json(200, { reset: true });
  }

  private putAccount(body: JsonObject): Answer {
    const gateway = gatewayOf(this.parts, body['gateway']);
    if ('status' in gateway) return gateway;
    const name = text(body, 'account');
    if (name === undefined || !/^[\w.-]{1,64}$/.test(name)) {
      return problem(400, 'account must be 1 to 64 letters, digits, ".", "_" or "-"');
    }
    const credentials = asObject(body['credentials']) ?? {};
    const allowed = [...gateway.requiredCredentials, ...gateway.optionalCredentials];
    const strange = Object.keys(credentials).find((field) => !allowed.includes(field));
    const missing = gateway.requiredCredentials.find((field) => text(credentials, field) === undefined);
    if (strange !== undefined || missing !== undefined) {
      return problem(
        400,
        `credentials of ${gateway.name}: ${gateway.requiredCredentials.join(', ')}; may have: ${gateway.optionalCredentials.join(', ') || 'nothing else'}`,
      );
    }
    const values = Object.fromEntries(
      allowed.flatMap((field) => {
        const value = text(credentials, field);
        return value === undefined ? [] : [[field, value]];
      }),
    );
    const webhookUrl = body['webhook_url'];
    if (webhookUrl !== undefined && !(typeof webhookUrl === 'string' && /^https?:\/\/\S+$/.test(webhookUrl))) {
      return problem(400, 'webhook_url must be an http or https address');
    }
    const account = this.parts.accounts.put(gateway.name, name, values, webhookUrl);
    return json(201, { gateway: gateway.name, account: name, webhook_url: account.webhookUrl });
  }
}

function shown({ gateway, reference, kind, amount, currency, at, chargeReference }: LedgerEntry): JsonObject {
  return {
    gateway,
    reference,
    kind,
    amount,
    currency,
    at: new Date(at).toISOString(),
    ...(chargeReference === undefined ? {} : { charge_reference: chargeReference }),
  };
}

function shownMessage({ at, ...message }: KeptMessage): JsonObject {
  return { ...message, at: new Date(at).toISOString() };
}
