import 'reflect-metadata';
import { request as rawRequest } from 'node:http';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { readEnv } from '../../../src/config/env.js';
import { AccessGuard } from '../../../src/kernel/access/access.guard.js';
import { AdminApi, CurrentAdmin, CurrentMerchant, MerchantApi, PublicApi } from '../../../src/kernel/access/access.js';
import { CredentialCache } from '../../../src/kernel/access/credential-cache.js';
import { AuditTrail } from '../../../src/kernel/audit/audit-trail.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import type { AdminPrincipal, MerchantPrincipal } from '../../../src/kernel/access/principal.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { DomainError } from '../../../src/kernel/errors/domain-error.js';
import { BODY_LIMIT_BYTES, configureHttp, createAdapter } from '../../../src/kernel/http/http-app.js';
import { page, PageQuery } from '../../../src/kernel/http/pagination.js';
import { ProblemFilter } from '../../../src/kernel/http/problem.filter.js';
import { RawBody, ValidBody, ValidQuery } from '../../../src/kernel/http/validated.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { ENV } from '../../../src/kernel/kernel.tokens.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const SECRET = 'a password in a message';

class ThingDto {
  @IsInt()
  size!: number;

  @IsOptional()
  @IsString()
  note?: string;
}

@Controller('v1/things')
@MerchantApi('payments')
class ThingsController {
  @Post()
  create(@ValidBody(ThingDto) body: ThingDto, @CurrentMerchant() merchant: MerchantPrincipal): unknown {
    return { size: body.size, merchant };
  }

  @Get()
  list(@ValidQuery(PageQuery) query: PageQuery): unknown {
    const rows = Array.from({ length: query.limit + 1 }, (_, index) => index);
    return page(rows, query.limit, (row) => ({ row }));
  }

  @Get('broken')
  broken(): never {
    throw new Error(SECRET);
  }

  @Get('away')
  away(): never {
    throw Object.assign(new Error(SECRET), { code: '57P01' });
  }

  @Get('busy')
  busy(): never {
    throw new DomainError('service.overloaded', { retryAfterSeconds: 3, detail: 'Too much at once.' });
  }
}

@Controller('admin/v1/things')
@AdminApi('ledger')
class AdminThingsController {
  @Get()
  mine(@CurrentAdmin() admin: AdminPrincipal): AdminPrincipal {
    return admin;
  }

  @Get('for-merchants')
  @MerchantApi('payments')
  forMerchants(): string {
    return 'ok';
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  open(): string {
    return 'nobody said whom this is for';
  }
}

@Controller('webhooks')
@PublicApi()
class WebhooksController {
  @Post(':gateway')
  receive(@RawBody() raw: Buffer, @Body() body: unknown): unknown {
    return { hex: raw.toString('hex'), parsed: !Buffer.isBuffer(body) && body !== undefined };
  }
}

let testDatabase: TestDatabase;
let databases: Databases;
let app: NestFastifyApplication;
let url: string;
let metrics: Metrics;
let merchant: ApiClient;
const keyIds = new Map<KeyKind, string>();
const merchantId = newUuid();

async function makeKey(kind: KeyKind, scopes: readonly string[] | null = null): Promise<string> {
  const key = generateKey(kind);
  const keyId = newUuid();
  if (scopes === null) keyIds.set(kind, keyId);
  const isAdmin = kind === 'admin';
  await testDatabase.query(
    'INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps, scopes) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [
      keyId,
      isAdmin ? 'admin' : 'merchant',
      key.hash,
      isAdmin ? null : merchantId,
      isAdmin ? null : kind === 'merchant_live',
      isAdmin ? null : 25,
      scopes,
    ],
  );
  return key.secret;
}

let adminKey: string;
let merchantKey: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  merchantKey = await makeKey('merchant_live');
  adminKey = await makeKey('admin');
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: testDatabase.url });
  const logger = new Logger(env);
  databases = new Databases(env, logger);
  metrics = new Metrics();

  @Module({
    controllers: [ThingsController, AdminThingsController, ForgottenController, WebhooksController],
    providers: [
      { provide: ENV, useValue: env },
      { provide: Logger, useValue: logger },
      { provide: Databases, useValue: databases },
      CredentialCache,
      SessionCache,
      AuditTrail,
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_GUARD, useClass: AccessGuard },
    ],
  })
  class TestModule {}

  app = await NestFactory.create<NestFastifyApplication>(TestModule, createAdapter(env), {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  configureHttp(app, logger, metrics);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  merchant = createApiClient(url, merchantKey);
});

afterAll(async () => {
  await app?.close();
  await databases.close();
  await testDatabase.drop();
});

function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(answer.body).toMatchObject({
    type: `/problems/${code}`,
    status,
    code,
    title: expect.any(String),
    retryable: expect.any(Boolean),
    instance: expect.stringMatching(/^\//),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('request-id')).toMatch(/^req_/);
  expect(answer.body['request_id']).toBe(answer.headers.get('request-id'));
}

describe('who may call', () => {
  it('knows the merchant by its key', async () => {
    const answer = await merchant.post('/v1/things', { size: 3 });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      size: 3,
      merchant: {
        kind: 'merchant',
        keyId: keyIds.get('merchant_live'),
        merchantId,
        livemode: true,
        platformFeeBps: 25,
      },
    });
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
  });

  it('lets a limited key do what it is for, and nothing else', async () => {
    const reading = merchant.withKey(await makeKey('merchant_live', ['payments:read']));
    expect((await reading.get('/v1/things')).status).toBe(200);
    const refused = await reading.post('/v1/things', { size: 3 });
    expectProblem(refused, 403, 'auth.missing_scope');
    expect(refused.body['detail']).toBe('This key is not allowed payments:write.');
    const writing = merchant.withKey(await makeKey('merchant_live', ['payments:write']));
    expect((await writing.get('/v1/things')).status).toBe(200);
    expect((await writing.post('/v1/things', { size: 3 })).status).toBe(201);
    const elsewhere = merchant.withKey(await makeKey('merchant_live', ['refunds:write', 'ledger:read']));
    expectProblem(await elsewhere.get('/v1/things'), 403, 'auth.missing_scope');
    expectProblem(await elsewhere.post('/v1/things', { size: 3 }), 403, 'auth.missing_scope');
  });

  it('refuses who has no key, a made-up key, an unknown key or another scheme', async () => {
    expectProblem(await merchant.withKey(undefined).get('/v1/things'), 401, 'auth.missing_credentials');
    const strangers = [
      'Bearer made-up',
      `Bearer ${generateKey('merchant_live').secret}`,
      `Basic ${merchantKey}`,
      merchantKey,
      'Bearer',
      `Bearer ${merchantKey} x`,
    ];
    for (const authorization of strangers) {
      const answer = await merchant.withKey(undefined).get('/v1/things', { headers: { authorization } });
      expectProblem(answer, 401, 'auth.invalid_credentials');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('keeps merchants and admins apart, and lets a handler say otherwise than its controller', async () => {
    expectProblem(await merchant.get('/admin/v1/things'), 403, 'auth.forbidden');
    const admin = merchant.withKey(adminKey);
    expectProblem(await admin.get('/v1/things'), 403, 'auth.forbidden');
    expect((await admin.get('/admin/v1/things')).body).toEqual({ kind: 'admin', id: keyIds.get('admin') });
    expect((await merchant.get('/admin/v1/things/for-merchants')).status).toBe(200);
    expectProblem(await admin.get('/admin/v1/things/for-merchants'), 403, 'auth.forbidden');
  });

  it('opens nothing by oversight', async () => {
    expectProblem(await merchant.withKey(undefined).get('/forgotten'), 401, 'auth.missing_credentials');
    expectProblem(await merchant.get('/forgotten'), 403, 'auth.forbidden');
    expectProblem(await merchant.withKey(adminKey).get('/forgotten'), 403, 'auth.forbidden');
  });
});

describe('what may be sent', () => {
  it('points at what is wrong in a body', async () => {
    const answer = await merchant.post('/v1/things', { size: 'big', colour: 'red' });
    expectProblem(answer, 422, 'request.invalid');
    expect(answer.body['errors']).toEqual([
      { pointer: '/size', code: 'is_int', detail: expect.any(String) },
      { pointer: '/colour', code: 'unknown_field', detail: expect.any(String) },
    ]);
  });

  it('names what is wrong in a query', async () => {
    const answer = await merchant.get('/v1/things?limit=1000');
    expectProblem(answer, 400, 'request.invalid_parameter');
    expect(answer.body['errors']).toEqual([{ pointer: 'limit', code: 'max', detail: expect.any(String) }]);
    const list = await merchant.get<{ data: unknown[]; has_more: boolean }>('/v1/things?limit=3');
    expect(list.body).toEqual({ object: 'list', data: [{ row: 0 }, { row: 1 }, { row: 2 }], has_more: true });
  });

  it.each([
    '{',
    'nonsense',
    '{"size": 1}}',
    '{"__proto__": {"size": 1}}',
    '{"size": 1, "note": {"__proto__": null}}',
    '{"size": NaN}',
  ])('refuses %j as JSON', async (body) => {
    expectProblem(await merchant.postRaw('/v1/things', body), 400, 'request.malformed_json');
  });

  it.each(['[]', '"text"', '5', 'null', ''])('refuses %j as a body', async (body) => {
    expectProblem(await merchant.postRaw('/v1/things', body), 422, 'request.invalid');
  });

  it.each([['__proto\\u005f_'], ['constructor'], ['prototype']])(
    'a field called %s changes no prototype',
    async (name) => {
      const answer = await merchant.postRaw('/v1/things', `{"size": 1, "${name}": {"polluted": true}}`);
      expect([400, 422]).toContain(answer.status);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('takes JSON only', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await merchant.postRaw('/v1/things', 'size=1', { headers: { 'content-type': type } });
      expectProblem(answer, 415, 'request.unsupported_media_type');
    }
    expect(
      (
        await merchant.postRaw('/v1/things', '{"size":1}', {
          headers: { 'content-type': 'application/json; charset=utf-8' },
        })
      ).status,
    ).toBe(201);
  });

  it('limits the size of a body, of whatever type and however it is sent', async () => {
    const note = 'x'.repeat(BODY_LIMIT_BYTES);
    expectProblem(await merchant.post('/v1/things', { size: 1, note }), 413, 'request.too_large');
    expectProblem(
      await merchant.postRaw('/v1/things', note + note, { headers: { 'content-type': 'text/plain' } }),
      413,
      'request.too_large',
    );
    expect(await postChunked('application/json', BODY_LIMIT_BYTES * 2)).toBe(413);
    expect(await postChunked('text/plain', BODY_LIMIT_BYTES * 2)).toBe(413);
    const fits = JSON.stringify({ size: 1, note: '' }).length;
    expect((await merchant.post('/v1/things', { size: 1, note: 'x'.repeat(BODY_LIMIT_BYTES - fits) })).status).toBe(
      201,
    );
  });

  it('refuses card numbers, also behind an escape', async () => {
    const card = '4242 4242 4242 4242';
    expectProblem(await merchant.post('/v1/things', { size: 1, note: card }), 422, 'request.card_number');
    const escaped = `{"size": 1, "note": "${card.replaceAll('4', '\\u0034')}"}`;
    expectProblem(await merchant.postRaw('/v1/things', escaped), 422, 'request.card_number');
  });

  it('keeps a webhook as the bytes that came, whatever they are', async () => {
    const bodies: readonly [string, Buffer][] = [
      ['application/json', Buffer.from('{ "a" :1.0,\n"__proto__":{} }')],
      ['application/json', Buffer.from('not json')],
      ['application/json', Buffer.alloc(0)],
      ['application/x-www-form-urlencoded', Buffer.from('a=%31&b=é')],
      ['application/octet-stream', Buffer.from([0, 255, 254, 13, 10])],
    ];
    for (const [type, body] of bodies) {
      const response = await fetch(`${url}/webhooks/paystack`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(await response.json()).toEqual({ hex: body.toString('hex'), parsed: false });
    }
  });
});

describe('what is answered when something is wrong', () => {
  it('tells nothing of itself', async () => {
    const broken = await merchant.get('/v1/things/broken');
    expectProblem(broken, 500, 'service.internal');
    expect(broken.text).not.toContain(SECRET);
    const away = await merchant.get('/v1/things/away');
    expectProblem(away, 503, 'service.unavailable');
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(away.text).not.toContain(SECRET);
  });

  it('says when to come back', async () => {
    const busy = await merchant.get('/v1/things/busy');
    expectProblem(busy, 503, 'service.overloaded');
    expect(busy.headers.get('retry-after')).toBe('3');
    expect(busy.body).toMatchObject({ retryable: true, detail: 'Too much at once.' });
  });

  it('is a problem too where there is nothing, and repeats no query', async () => {
    const answer = await merchant.get('/v1/nothing?phone=%2B233241234567');
    expectProblem(answer, 404, 'request.not_found');
    expect(answer.body['instance']).toBe('/v1/nothing');
    expectProblem(await merchant.get('/v1/%zz'), 404, 'request.not_found');
    expectProblem(await merchant.delete('/v1/things'), 404, 'request.not_found');
  });

  it('takes no request id from outside, and measures by route, not by address', async () => {
    const answer = await merchant.get('/v1/things', { headers: { 'request-id': 'forged', 'x-request-id': 'forged' } });
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    await merchant.post('/webhooks/some-gateway', {});
    const text = await metrics.registry.metrics();
    expect(text).toContain('route="/webhooks/:gateway"');
    expect(text).not.toContain('some-gateway');
  });
});

/** Without a content-length, so that the limit cannot be told from the headers. */
function postChunked(type: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, authorization: `Bearer ${merchantKey}`, 'transfer-encoding': 'chunked' };
    const request = rawRequest(`${url}/v1/things`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.end(Buffer.alloc(bytes, 'x'));
  });
}
