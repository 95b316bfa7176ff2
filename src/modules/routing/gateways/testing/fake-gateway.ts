/** A gateway of a few lines, for what the sandbox has no reason to do: it notes what it is sent and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChargeRequest, StatusQuery } from '../gateway-adapter.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { HttpAnswer } from '../http-client.js';

export const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A status and what is sent with it: text as it is, anything else as JSON. Undefined: no answer, the connection is cut. */
export type Reply = readonly [status: number, body: unknown] | undefined;

export class FakeGateway {
  /** What was sent, logins left out. */
  readonly seen: Seen[] = [];
  logins = 0;
  reply: (seen: Seen) => Reply = () => [200, {}];
  private server: Server | undefined;

  /** @param login answers requests to log in, by path */
  constructor(private readonly login: Readonly<Record<string, unknown>> = {}) {}

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const body = Buffer.concat(chunks).toString('utf8');
        const isLogin = Object.hasOwn(this.login, url);
        if (isLogin) this.logins += 1;
        else this.seen.push({ method, url, headers, body });
        const reply = isLogin ? ([200, this.login[url]] as const) : this.reply({ method, url, headers, body });
        if (reply === undefined) return response.destroy();
        response.statusCode = reply[0];
        return response.end(typeof reply[1] === 'string' ? reply[1] : JSON.stringify(reply[1]));
      });
    });
    await new Promise<void>((resolve) => {
      this.server?.listen(0, '127.0.0.1', resolve);
    });
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  reset(): void {
    this.seen.length = 0;
    this.logins = 0;
    this.reply = () => [200, {}];
  }

  /** Paths of what was sent, with their methods. */
  get calls(): string[] {
    return this.seen.map(({ method, url }) => `${method} ${url}`);
  }

  /** The body of the nth request, as JSON. */
  sent(index = 0): unknown {
    return JSON.parse(this.seen[index]?.body ?? 'null') as unknown;
  }

  account(
    gateway: string,
    credentials: GatewayAccount['credentials'],
    over: Partial<GatewayAccount> = {},
  ): GatewayAccount {
    const address = this.server?.address() as AddressInfo;
    return {
      id: 'a',
      gateway,
      name: 'main',
      livemode: false,
      baseUrl: `http://127.0.0.1:${address.port}`,
      credentials,
      ...over,
    };
  }
}

export function answer(status: number, body: unknown): HttpAnswer {
  return { kind: 'answered', status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

export function chargeOf(
  over: Pick<ChargeRequest, 'amountMinor' | 'currency' | 'method'> & Partial<ChargeRequest>,
): ChargeRequest {
  return {
    reference: REFERENCE,
    customer: {},
    description: null,
    returnUrl: null,
    callbackUrl: 'https://us.example/webhooks',
    timeoutMs: 20_000,
    ...over,
  };
}

export function queryOf(
  over: Pick<StatusQuery, 'amountMinor' | 'currency' | 'methodType'> & Partial<StatusQuery>,
): StatusQuery {
  return { reference: REFERENCE, handles: {}, timeoutMs: 20_000, ...over };
}
