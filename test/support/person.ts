/** A person in the back-office, as their browser talks for them: it keeps the cookie and sends the CSRF token. */
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { createApiClient, type ApiAnswer, type ApiClient, type RequestOptions } from './api-client.js';

const STEP_S = 30;
/** For how long a code that is given is taken at least, however slow the machine. */
const GOOD_FOR_S = 20;

/** An authenticator app. Codes are taken once and for 90 seconds: it never gives one twice, and waits where there is none left. */
export class AuthenticatorApp {
  private last = 0;

  constructor(readonly secret: string) {}

  async code(): Promise<string> {
    for (;;) {
      const now = Date.now() / 1_000;
      const oldest = Math.floor((now + GOOD_FOR_S) / STEP_S) - 1;
      const step = Math.max(oldest, this.last + 1);
      if (step > Math.floor(now / STEP_S) + 1) {
        await sleep(1_000);
        continue;
      }
      this.last = step;
      return generateSync({ secret: this.secret, epoch: step * STEP_S });
    }
  }
}

export interface OwnSession {
  readonly id: string;
  readonly admin: { readonly id: string; readonly role: string; readonly second_factor: boolean };
  readonly permissions: Readonly<Record<string, string>>;
  readonly csrf_token: string;
  readonly proved_at: string | null;
  readonly proved_lately: boolean;
  readonly recovery_codes_left: number;
}

export class Person {
  cookie: string | undefined;
  csrf: string | undefined;
  app: AuthenticatorApp | undefined;
  recoveryCodes: readonly string[] = [];

  constructor(
    private readonly url: string | ((path: string) => string),
    readonly email: string,
    public password: string,
  ) {}

  async signIn(
    factor: { readonly code?: string; readonly recovery_code?: string } = {},
  ): Promise<ApiAnswer<OwnSession>> {
    const body = { email: this.email, password: this.password, ...factor };
    const answer = await createApiClient(this.url).post<OwnSession>('/admin/v1/session', body);
    if (answer.status === 201) {
      this.cookie = answer.headers.get('set-cookie')?.split(';')[0];
      this.csrf = answer.body.csrf_token;
    }
    return answer;
  }

  /** Signs in for the first time: with a second factor that is set up then. */
  async arrive(): Promise<void> {
    must(await this.signIn(), 201);
    const begun = must(await this.post<{ secret: string }>('/admin/v1/session/second_factor'), 201);
    this.app = new AuthenticatorApp(begun.body.secret);
    const code = await this.app.code();
    const confirmed = must(
      await this.post<{ codes: string[] }>('/admin/v1/session/second_factor/confirm', { code }),
      200,
    );
    this.recoveryCodes = confirmed.body.codes;
  }

  /** Shows the second factor anew. */
  async prove(): Promise<void> {
    const code = await this.app?.code();
    must(await this.post<OwnSession>('/admin/v1/session/prove', { code }), 200);
  }

  get<Body = Record<string, unknown>>(path: string): Promise<ApiAnswer<Body>> {
    return this.client.get<Body>(path, this.options);
  }

  post<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    return this.client.post<Body>(path, body, this.options);
  }

  put<Body = Record<string, unknown>>(path: string, body: unknown): Promise<ApiAnswer<Body>> {
    return this.client.put<Body>(path, body, this.options);
  }

  delete<Body = Record<string, unknown>>(path: string): Promise<ApiAnswer<Body>> {
    return this.client.delete<Body>(path, this.options);
  }

  private get client(): ApiClient {
    return createApiClient(this.url);
  }

  /** What shows who they are. */
  get headers(): Readonly<Record<string, string>> {
    const { cookie, csrf } = this;
    return {
      ...(cookie === undefined ? {} : { cookie }),
      ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
    };
  }

  private get options(): RequestOptions {
    return { headers: this.headers };
  }
}

/** @throws {Error} when the answer is another */
export function must<Body>(answer: ApiAnswer<Body>, status: number): ApiAnswer<Body> {
  if (answer.status !== status) throw new Error(`${status} was expected, and ${answer.status} came: ${answer.text}`);
  return answer;
}
