import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChargeRequest, GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import { MtnMomoAdapter } from './mtn-momo.adapter.js';
import { readCreated, readRequestToPay } from './mtn-momo.answers.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

function answer(status: number, body: unknown): HttpAnswer {
  return { kind: 'answered', status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

const read = (data: object): GatewayOutcome => readRequestToPay(answer(200, { externalId: REFERENCE, ...data }), 'GHS');

describe("MTN MoMo's answers", () => {
  it.each([
    ['accepted', 202, '', { kind: 'pending', code: 'PENDING', nextAction: null, handles: {} }],
    [
      'known already',
      409,
      { code: 'RESOURCE_ALREADY_EXIST', message: 'Duplicated reference id.' },
      { kind: 'duplicate', code: 'RESOURCE_ALREADY_EXIST' },
    ],
    ['malformed, without a body', 400, '', { kind: 'not_sent', code: 'http_400', blame: 'merchant' }],
    [
      'not authorised by the API manager',
      401,
      { statusCode: 401, message: 'Access denied' },
      { kind: 'not_sent', code: 'API_MANAGER_401', blame: 'merchant' },
    ],
    [
      "the caller's error, told with 500",
      500,
      { code: 'INVALID_CURRENCY', message: 'x' },
      { kind: 'not_sent', code: 'INVALID_CURRENCY', blame: 'merchant' },
    ],
    ['any other 500', 500, { code: 'INTERNAL_PROCESSING_ERROR', message: 'x' }, { kind: 'unknown', code: 'http_500' }],
    ['a 500 without a body', 500, '', { kind: 'unknown', code: 'http_500' }],
    ['unavailable', 503, { code: 'SERVICE_UNAVAILABLE', message: 'x' }, { kind: 'unknown', code: 'http_503' }],
    ["a proxy's page", 403, '<html>', { kind: 'unknown', code: 'http_403' }],
    ['200 where 202 is due', 200, '<html>', { kind: 'unknown', code: 'http_200' }],
    ['throttled', 429, '', { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' }],
  ])('reads a request that is %s', (_name, status, body, expected) => {
    expect(readCreated(answer(status, body))).toEqual(expected);
  });

  it('reads a success', () => {
    expect(
      read({ amount: '1500.50', currency: 'GHS', financialTransactionId: '23503452', status: 'SUCCESSFUL' }),
    ).toEqual({
      kind: 'succeeded',
      amountMinor: 150_050n,
      currency: 'GHS',
      reference: REFERENCE,
      feeMinor: null,
      code: 'SUCCESSFUL',
      handles: { financial_transaction_id: '23503452' },
    });
    expect(read({ amount: '1500', currency: 'XOF', status: 'SUCCESSFUL' })).toMatchObject({ amountMinor: 1_500n });
    expect(read({ amount: '15', currency: 'EUR', status: 'SUCCESSFUL' })).toMatchObject({
      amountMinor: 1_500n,
      currency: 'EUR',
    });
  });

  it.each([
    { currency: 'GHS' },
    { amount: 'x', currency: 'GHS' },
    { amount: '5' },
    { amount: '5', currency: 'GHS', externalId: null },
  ])('does not believe the success %j', (data) => {
    expect(read({ status: 'SUCCESSFUL', ...data })).toEqual({ kind: 'unknown', code: 'incomplete_success' });
  });

  it.each([
    ['APPROVAL_REJECTED', 'customer', false],
    [{ code: 'NOT_ENOUGH_FUNDS', message: 'x' }, 'customer', false],
    ['COULD_NOT_PERFORM_TRANSACTION', 'customer', false],
    ['PAYEE_NOT_ALLOWED_TO_RECEIVE', 'merchant', true],
    ['INTERNAL_PROCESSING_ERROR', 'ambiguous', true],
    ['ONGOING', 'ambiguous', false],
    ['constructor', 'ambiguous', false],
    [undefined, 'ambiguous', false],
  ])('reads a failure for the reason %j', (reason, blame, retryable) => {
    expect(read({ status: 'FAILED', reason })).toMatchObject({ kind: 'declined', blame, retryable });
  });

  it.each(['CANCELLED', 'successful', 'CREATED'])('does not guess at the status %s', (status) => {
    expect(read({ status, amount: '5', currency: 'GHS' })).toEqual({ kind: 'unknown', code: status });
  });

  it('reads not found only from MTN itself', () => {
    expect(readRequestToPay(answer(404, { code: 'RESOURCE_NOT_FOUND', message: 'x' }), 'GHS')).toEqual({
      kind: 'not_found',
      code: 'RESOURCE_NOT_FOUND',
    });
    expect(readRequestToPay(answer(404, '<html>'), 'GHS')).toEqual({ kind: 'unknown', code: 'http_404' });
    expect(readRequestToPay(answer(404, { statusCode: 404, message: 'Resource not found' }), 'GHS').kind).toBe(
      'not_sent',
    );
  });
});

describe("MTN MoMo's tokens", () => {
  let server: Server;
  let baseUrl = '';
  let tokensGiven = 0;
  let lifeSeconds: number | string = 3_600;
  let calls: { url: string; headers: IncomingHttpHeaders }[] = [];
  let accepted: string | undefined;
  let http: GatewayHttpClient;
  let adapter: MtnMomoAdapter;
  let giveToken: (response: ServerResponse) => void;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      const url = request.url ?? '';
      if (url === '/collection/token/') return giveToken(response);
      calls.push({ url, headers: request.headers });
      const isRight = accepted === undefined || request.headers.authorization === `Bearer ${accepted}`;
      response.statusCode = isRight ? 202 : 401;
      return response.end(isRight ? '' : JSON.stringify({ statusCode: 401, message: 'Access denied' }));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    [tokensGiven, lifeSeconds, calls, accepted] = [0, 3_600, [], undefined];
    giveToken = (response): void => {
      tokensGiven += 1;
      const body = JSON.stringify({
        access_token: `t${tokensGiven}`,
        token_type: 'access_token',
        expires_in: lifeSeconds,
      });
      setTimeout(() => response.end(body), 20);
    };
    http = new GatewayHttpClient();
    adapter = new MtnMomoAdapter(http);
  });
  afterEach(() => http.close());

  const account = (over: Partial<GatewayAccount> = {}): GatewayAccount => ({
    id: 'a',
    gateway: 'mtn_momo',
    name: 'main',
    livemode: false,
    baseUrl,
    credentials: { api_user: 'u', api_key: 'k', subscription_key: 's', target_environment: 'mtnghana' },
    ...over,
  });
  const charge = (over: Partial<ChargeRequest> = {}, on = account()): Promise<GatewayOutcome> =>
    adapter.charge(on, {
      reference: REFERENCE,
      amountMinor: 100n,
      currency: 'GHS',
      method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
      customer: {},
      description: null,
      returnUrl: null,
      callbackUrl: 'http://us.example/webhooks',
      // Far above what twenty calls at once take on a busy machine.
      timeoutMs: 30_000,
      ...over,
    });

  it('gets one token for many calls at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => charge()));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['pending']));
    expect(tokensGiven).toBe(1);
  });

  it('sends what MTN wants to see', async () => {
    await charge();
    expect(calls[0]?.headers).toMatchObject({
      'x-reference-id': '0193f5c2-a1b2-4c3d-8e4f-5a6b7c8d9e0f',
      'x-target-environment': 'mtnghana',
      'ocp-apim-subscription-key': 's',
      authorization: 'Bearer t1',
      'x-callback-url': 'http://us.example/webhooks',
    });
  });

  it('sends no callback address that a live account cannot have', async () => {
    await charge({}, account({ livemode: true }));
    await charge({ callbackUrl: '' });
    expect(calls.map(({ headers }) => headers['x-callback-url'])).toEqual([undefined, undefined]);
  });

  it('renews a token before its life is over', async () => {
    lifeSeconds = '1';
    await charge();
    await new Promise((resolve) => setTimeout(resolve, 950));
    await charge();
    expect(tokensGiven).toBe(2);
  });

  it('repeats a refused call once with a fresh token, and no more', async () => {
    await charge();
    accepted = 't2';
    expect(await charge()).toMatchObject({ kind: 'pending' });
    accepted = 'none';
    calls = [];
    expect(await charge()).toEqual({ kind: 'not_sent', code: 'API_MANAGER_401', blame: 'merchant' });
    expect(calls).toHaveLength(2);
  });

  it('gets a token of its own for changed credentials', async () => {
    await charge();
    await charge({}, account({ credentials: { ...account().credentials, api_key: 'new' } }));
    expect(tokensGiven).toBe(2);
  });

  it.each([
    ['refuses us', (response: ServerResponse) => response.writeHead(401).end(), 'token_http_401', 'merchant'],
    ['breaks', (response: ServerResponse) => response.writeHead(500).end('<html>'), 'token_http_500', 'gateway'],
    [
      'answers nonsense',
      (response: ServerResponse) => response.end('{"access_token":"a b\\n"}'),
      'token_http_200',
      'gateway',
    ],
    ['hangs up', (response: ServerResponse) => response.destroy(), 'token_connection_reset', 'gateway'],
    ['says nothing', () => undefined, 'token_timeout', 'gateway'],
  ])('sends no charge when the token endpoint %s', async (_name, give, code, blame) => {
    giveToken = (response): void => void give(response);
    expect(await charge({ timeoutMs: 200 })).toEqual({ kind: 'not_sent', code, blame });
    expect(calls).toEqual([]);
    server.closeAllConnections();
  });

  it("does not try a currency that the account's market does not have", async () => {
    expect(await charge({ currency: 'XOF' })).toEqual({
      kind: 'not_sent',
      code: 'unsupported_currency',
      blame: 'merchant',
    });
    expect(tokensGiven).toBe(0);
  });
});
