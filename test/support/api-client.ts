/** A small client of the HTTP API for tests: keeps the answer's bytes, since replays are compared byte for byte. */

export interface ApiAnswer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  /** The exact bytes, as text. */
  readonly text: string;
  /** The parsed JSON; an empty object when there is no JSON. */
  readonly body: Body;
}

export interface RequestOptions {
  /** Sent as Idempotency-Key. */
  readonly idempotencyKey?: string;
  /** Sent as Prefer: "wait=10". */
  readonly prefer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiClient {
  get<Body = Record<string, unknown>>(path: string, options?: RequestOptions): Promise<ApiAnswer<Body>>;
  post<Body = Record<string, unknown>>(
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<ApiAnswer<Body>>;
  put<Body = Record<string, unknown>>(path: string, body: unknown, options?: RequestOptions): Promise<ApiAnswer<Body>>;
  delete<Body = Record<string, unknown>>(path: string, options?: RequestOptions): Promise<ApiAnswer<Body>>;
  /** A body sent as it is, for malformed JSON and other media types. */
  postRaw<Body = Record<string, unknown>>(
    path: string,
    body: string,
    options?: RequestOptions,
  ): Promise<ApiAnswer<Body>>;
  /** The same address with another key, or with none. */
  withKey(key: string | undefined): ApiClient;
}

/**
 * @param url the program's address, without a trailing slash; a function names it for each path, where several processes answer
 * @param key an API key, sent as a bearer token; undefined sends none
 */
export function createApiClient(url: string | ((path: string) => string), key?: string): ApiClient {
  const send = async <Body>(
    method: string,
    path: string,
    body: string | undefined,
    options: RequestOptions = {},
  ): Promise<ApiAnswer<Body>> => {
    const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` });
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey);
    if (options.prefer !== undefined) headers.set('prefer', options.prefer);
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
    const base = typeof url === 'string' ? url : url(path);
    const response = await fetch(`${base}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : {},
    };
  };
  return {
    get: (path, options) => send('GET', path, undefined, options),
    post: (path, body, options) => send('POST', path, body === undefined ? undefined : JSON.stringify(body), options),
    put: (path, body, options) => send('PUT', path, JSON.stringify(body), options),
    delete: (path, options) => send('DELETE', path, undefined, options),
    postRaw: (path, body, options) => send('POST', path, body, options),
    withKey: (other) => createApiClient(url, other),
  };
}
