import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import { readEnv } from '../../../src/config/env.js';
import { adminChanged, sessionEnded, sessionProved, sessionStarted } from '../../../src/contracts/auth.events.js';
import {
  AdminApi,
  CurrentAdmin,
  CurrentSession,
  MerchantApi,
  Needs,
  PublicApi,
  SessionApi,
} from '../../../src/kernel/access/access.js';
import { AccessGuard } from '../../../src/kernel/access/access.guard.js';
import { AuditTrail } from '../../../src/kernel/audit/audit-trail.js';
import { CredentialCache } from '../../../src/kernel/access/credential-cache.js';
import { ADMIN_AREAS, type Permissions } from '../../../src/kernel/access/permissions.js';
import type { AdminPrincipal, SessionPrincipal } from '../../../src/kernel/access/principal.js';
import { ProjectCredentials } from '../../../src/kernel/access/project-credentials.js';
import { IDLE_SECONDS, SessionCache, STEP_UP_SECONDS } from '../../../src/kernel/access/session-cache.js';
import {
  csrfTokenOf,
  hashSessionToken,
  newSessionToken,
  SESSION_COOKIE,
} from '../../../src/kernel/access/session-token.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { configureHttp, createAdapter } from '../../../src/kernel/http/http-app.js';
import { ProblemFilter } from '../../../src/kernel/http/problem.filter.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { ENV } from '../../../src/kernel/kernel.tokens.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import { keepHouse } from '../../../src/kernel/outbox/retention.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { createApiClient, type ApiAnswer } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

@Controller('books')
@AdminApi('ledger')
class BooksController {
  @Get()
  read(@CurrentAdmin() admin: AdminPrincipal): { readonly id: string } {
    return { id: admin.id };
  }

  static changes = 0;

  @Post()
  change(): string {
    BooksController.changes += 1;
    return 'changed';
  }

  @Post('look')
  @Needs('read')
  look(): string {
    return 'looked';
  }

  @Post('sign')
  @Needs('authorise')
  sign(): string {
    return 'signed';
  }
}

@Controller('own')
@SessionApi()
class OwnController {
  @Get()
  read(@CurrentSession() { id }: SessionPrincipal): { readonly id: string } {
    return { id };
  }

  @Delete()
  end(): string {
    return 'ended';
  }
}

@Controller('shop')
@MerchantApi('payments')
class ShopController {
  @Get()
  read(): string {
    return 'for merchants';
  }
}

@Controller('open')
@PublicApi()
class OpenController {
  @Get()
  read(): string {
    return 'for everybody';
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  read(): string {
    return 'nobody said whom this is for';
  }
}

let testDatabase: TestDatabase;
let databases: Databases;
let app: NestFastifyApplication;
let url: string;
let sessions: SessionCache;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: testDatabase.url });
  const logger = new Logger(env);
  databases = new Databases(env, logger);
  sessions = new SessionCache(databases);

  @Module({
    controllers: [BooksController, OwnController, ShopController, OpenController, ForgottenController],
    providers: [
      { provide: ENV, useValue: env },
      { provide: Databases, useValue: databases },
      { provide: Logger, useValue: logger },
      { provide: SessionCache, useValue: sessions },
      CredentialCache,
      AuditTrail,
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_GUARD, useClass: AccessGuard },
    ],
  })
  class TestModule {}

  const options = { logger: false, bodyParser: false, abortOnError: false } as const;
  app = await NestFactory.create<NestFastifyApplication>(TestModule, createAdapter(env), options);
  configureHttp(app, logger, new Metrics());
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(async () => {
  await app?.close();
  await databases.close();
  await testDatabase.drop();
});

interface Session {
  readonly id: string;
  readonly adminId: string;
  readonly token: string;
  readonly started: StoredEvent;
}

const event = (type: string, aggregateId: string, payload: unknown): StoredEvent => ({
  id: newUuid(),
  type,
  aggregateType: 'session',
  aggregateId,
  merchantId: null,
  payload,
  headers: { correlation_id: 'req_test' },
  createdAt: new Date(),
});

interface SessionOptions {
  readonly permissions?: Permissions;
  readonly adminId?: string;
  readonly proved?: boolean;
  readonly lastsMs?: number;
  readonly disabled?: boolean;
  readonly version?: number;
}

function newSession(options: SessionOptions = {}): Session {
  const { permissions = {}, adminId = newUuid(), proved = true, lastsMs = 3_600_000, disabled = false } = options;
  const [id, token, now] = [newUuid(), newSessionToken(), new Date()];
  const payload = sessionStarted.schema.parse({
    session_id: id,
    token_hash: hashSessionToken(token).toString('hex'),
    started_at: now.toISOString(),
    expires_at: new Date(now.getTime() + lastsMs).toISOString(),
    proved_at: proved ? now.toISOString() : null,
    admin: { admin_id: adminId, version: options.version ?? 1, permissions, disabled },
  });
  return { id, adminId, token, started: event(sessionStarted.type, id, payload) };
}

const endOf = ({ id }: Session): StoredEvent =>
  event(sessionEnded.type, id, sessionEnded.schema.parse({ session_id: id }));
const proofOf = ({ id }: Session): StoredEvent =>
  event(sessionProved.type, id, sessionProved.schema.parse({ session_id: id, proved_at: new Date().toISOString() }));
const changeOf = (adminId: string, version: number, permissions: Permissions, disabled = false): StoredEvent =>
  event(adminChanged.type, adminId, adminChanged.schema.parse({ admin_id: adminId, version, permissions, disabled }));

const project = (...events: readonly StoredEvent[]): Promise<void> =>
  databases
    .of('kernel')
    .transaction((tx) => new ProjectCredentials(new CredentialCache(databases), sessions).handle(tx, events));

async function signedIn(options?: SessionOptions): Promise<Session> {
  const session = newSession(options);
  await project(session.started);
  return session;
}

interface Asked {
  readonly cookie?: string;
  readonly csrf?: string;
}

function ask(method: 'get' | 'post' | 'delete', path: string, { cookie, csrf }: Asked): Promise<ApiAnswer> {
  const headers = {
    ...(cookie === undefined ? {} : { cookie }),
    ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
  };
  const client = createApiClient(url);
  return method === 'post' ? client.post(path, undefined, { headers }) : client[method](path, { headers });
}

/** As the back-office asks. */
const as =
  ({ token }: Session) =>
  (method: 'get' | 'post' | 'delete', path: string): Promise<ApiAnswer> =>
    ask(method, path, { cookie: `theme=dark; ${SESSION_COOKIE}=${token}`, csrf: csrfTokenOf(token) });

function expectRefused(answer: ApiAnswer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
}

/** A time in the past for what the projection noted. */
const move = async (session: Session, column: 'last_seen_at' | 'proved_at', seconds: number): Promise<void> => {
  await testDatabase.query(
    `UPDATE access.session SET ${column} = ${column} - make_interval(secs => $2) WHERE session_id = $1`,
    [session.id, seconds],
  );
  sessions.clear();
};

describe('a session', () => {
  it('lets its person do what they may, and nothing else', async () => {
    const person = await signedIn({ permissions: { ledger: 'manage', payments: 'authorise' } });
    const answer = await as(person)('get', '/books');
    expect([answer.status, answer.body]).toEqual([200, { id: person.adminId }]);
    expect((await as(person)('post', '/books')).status).toBe(201);
    expect((await as(person)('post', '/books/look')).status).toBe(201);
    const refused = await as(person)('post', '/books/sign');
    expectRefused(refused, 403, 'auth.missing_permission');
    expect(refused.body['detail']).toBe('You may not authorise ledger.');
    expect((await as(person)('get', '/own')).body).toEqual({ id: person.adminId });
  });

  it.each([
    [{}, [403, 403, 403, 403]],
    [{ ledger: 'none', routing: 'authorise' }, [403, 403, 403, 403]],
    [{ ledger: 'read' }, [200, 201, 403, 403]],
    [{ ledger: 'manage' }, [200, 201, 201, 403]],
    [{ ledger: 'authorise' }, [200, 201, 201, 201]],
  ] as const)('with %j reaches as far as that', async (permissions, expected) => {
    const person = as(await signedIn({ permissions }));
    const answers = [
      await person('get', '/books'),
      await person('post', '/books/look'),
      await person('post', '/books'),
      await person('post', '/books/sign'),
    ];
    expect(answers.map(({ status }) => status)).toEqual(expected);
  });

  it('opens nothing that is not for people', async () => {
    const person = as(await signedIn({ permissions: { ledger: 'authorise' } }));
    expectRefused(await person('get', '/shop'), 401, 'auth.missing_credentials');
    expectRefused(await person('get', '/forgotten'), 401, 'auth.missing_credentials');
    expect((await person('get', '/open')).status).toBe(200);
  });

  it('is needed: without a cookie, with an unknown one, or with something else in it there is no way in', async () => {
    expectRefused(await ask('get', '/books', {}), 401, 'auth.missing_credentials');
    expectRefused(await ask('get', '/own', { cookie: 'a=b' }), 401, 'auth.missing_credentials');
    expectRefused(await ask('get', '/own', { cookie: `${SESSION_COOKIE}=` }), 401, 'auth.missing_credentials');
    expectRefused(await ask('get', '/own', { cookie: `${SESSION_COOKIE}=' OR 1=1` }), 401, 'auth.missing_credentials');
    const cookie = `${SESSION_COOKIE}=${newSessionToken()}`;
    expectRefused(await ask('get', '/own', { cookie }), 401, 'auth.session_over');
  });

  it('changes nothing without its CSRF token', async () => {
    const person = await signedIn({ permissions: { ledger: 'authorise' } });
    const other = await signedIn();
    const cookie = `${SESSION_COOKIE}=${person.token}`;
    for (const csrf of [undefined, '', 'x', person.token, csrfTokenOf(other.token)]) {
      const asked = csrf === undefined ? { cookie } : { cookie, csrf };
      expectRefused(await ask('post', '/books', asked), 403, 'auth.csrf_token_missing');
      expectRefused(await ask('delete', '/own', asked), 403, 'auth.csrf_token_missing');
    }
    expect((await ask('get', '/books', { cookie })).status).toBe(200);
    expect((await ask('post', '/books', { cookie, csrf: csrfTokenOf(person.token) })).status).toBe(201);
  });

  it('changes nothing that cannot be noted in the audit log', async () => {
    const person = await signedIn({ permissions: { ledger: 'manage' } });
    const before = BooksController.changes;
    await testDatabase.query('REVOKE INSERT ON messaging.outbox FROM sankofa_kernel');
    try {
      expect((await as(person)('post', '/books')).status).toBe(500);
      expect(BooksController.changes).toBe(before);
      expect((await as(person)('get', '/books')).status).toBe(200);
    } finally {
      await testDatabase.query('GRANT INSERT ON messaging.outbox TO sankofa_kernel');
    }
    expect((await as(person)('post', '/books')).status).toBe(201);
    expect(BooksController.changes).toBe(before + 1);
  });

  it('allows nothing but the own account before there is a second factor', async () => {
    const person = await signedIn({ permissions: { ledger: 'authorise' }, proved: false });
    expectRefused(await as(person)('get', '/books'), 403, 'auth.second_factor_not_set_up');
    expect((await as(person)('get', '/own')).status).toBe(200);
    await project(proofOf(person));
    expect((await as(person)('post', '/books/sign')).status).toBe(201);
  });

  it('authorises only while the second factor was shown lately', async () => {
    const person = await signedIn({ permissions: { ledger: 'authorise' } });
    await move(person, 'proved_at', STEP_UP_SECONDS - 5);
    expect((await as(person)('post', '/books/sign')).status).toBe(201);
    await move(person, 'proved_at', 10);
    expectRefused(await as(person)('post', '/books/sign'), 403, 'auth.step_up_required');
    expect((await as(person)('post', '/books')).status).toBe(201);
    await project(proofOf(person));
    expect((await as(person)('post', '/books/sign')).status).toBe(201);
  });

  it('ends when nobody uses it, and not while somebody does', async () => {
    const [idle, busy] = [await signedIn(), await signedIn()];
    for (const session of [idle, busy]) await move(session, 'last_seen_at', IDLE_SECONDS / 2);
    expect((await as(busy)('get', '/own')).status).toBe(200);
    for (const session of [idle, busy]) await move(session, 'last_seen_at', IDLE_SECONDS / 2 + 5);
    expectRefused(await as(idle)('get', '/own'), 401, 'auth.session_over');
    expect((await as(busy)('get', '/own')).status).toBe(200);
  });

  it('ends at its time, however busy it is', async () => {
    expectRefused(await as(await signedIn({ lastsMs: -1 }))('get', '/own'), 401, 'auth.session_over');
  });

  it('ends at once when it is ended, for that session alone', async () => {
    const adminId = newUuid();
    const [one, other] = [await signedIn({ adminId }), await signedIn({ adminId })];
    expect((await as(one)('get', '/own')).status).toBe(200);
    await project(endOf(one));
    expectRefused(await as(one)('get', '/own'), 401, 'auth.session_over');
    expect((await as(other)('get', '/own')).status).toBe(200);
  });

  it('follows what its person may do, at once and in the order of their versions', async () => {
    const person = await signedIn({ permissions: { ledger: 'read' } });
    expect((await as(person)('get', '/books')).status).toBe(200);
    await project(changeOf(person.adminId, 3, { ledger: 'manage' }));
    expect((await as(person)('post', '/books')).status).toBe(201);
    // It comes late: a later one is known.
    await project(changeOf(person.adminId, 2, {}));
    expect((await as(person)('post', '/books')).status).toBe(201);
    await project(changeOf(person.adminId, 4, {}));
    expectRefused(await as(person)('get', '/books'), 403, 'auth.missing_permission');
    await project(changeOf(person.adminId, 5, { ledger: 'authorise' }, true));
    expectRefused(await as(person)('get', '/own'), 401, 'auth.session_over');
  });

  it('comes to the same in whatever order, and however often, its events arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('proved', 'ended', 'none'),
        fc.infiniteStream(fc.nat()),
        fc.boolean(),
        async (last, random, twice) => {
          const session = newSession({ permissions: { ledger: 'read' }, proved: false });
          const events = [session.started, changeOf(session.adminId, 2, { ledger: 'authorise' })];
          if (last !== 'none') events.push(proofOf(session));
          if (last === 'ended') events.push(endOf(session));
          const many = twice ? [...events, ...events] : events;
          const keyed = many.map((each) => ({ each, at: random.next().value }));
          for (const { each } of keyed.toSorted((a, b) => a.at - b.at)) await project(each);
          const answer = await as(session)('post', '/books/sign');
          const expected = {
            none: 'auth.second_factor_not_set_up',
            proved: undefined,
            ended: 'auth.session_over',
          }[last];
          expect(answer.body['code']).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is forgotten a while after it is over', async () => {
    const DAY_S = 86_400;
    const [live, over] = [await signedIn(), await signedIn()];
    await testDatabase.query(
      'UPDATE access.session SET expires_at = expires_at - make_interval(secs => $2) WHERE session_id = $1',
      [over.id, 3 * DAY_S],
    );
    const logger = new Logger({ logLevel: 'silent' });
    await keepHouse({ database: databases.of('kernel'), consumers: [], logger, isLeader: () => true });
    const rows = await testDatabase.query<{ id: string }>(
      'SELECT session_id AS id FROM access.session WHERE session_id = ANY($1)',
      [[live.id, over.id]],
    );
    expect(rows.map(({ id }) => id)).toEqual([live.id]);
  });
});

describe('a key of the admin API', () => {
  it('may do what its permissions say, or everything without any; it shows no second factor', async () => {
    const { generateKey } = await import('../../../src/kernel/access/key-format.js');
    const made = async (permissions: Permissions | null): Promise<string> => {
      const { secret, hash } = generateKey('admin');
      await testDatabase.query(
        `INSERT INTO access.credential (key_id, kind, key_hash, permissions) VALUES ($1, 'admin', $2, $3)`,
        [newUuid(), hash, permissions === null ? null : JSON.stringify(permissions)],
      );
      return secret;
    };
    const statuses = async (key: string): Promise<number[]> => {
      const client = createApiClient(url, key);
      return [
        (await client.get('/books')).status,
        (await client.post('/books')).status,
        (await client.post('/books/sign')).status,
        (await client.get('/own')).status,
      ];
    };
    expect(await statuses(await made(null))).toEqual([200, 201, 201, 403]);
    expect(await statuses(await made({ ledger: 'read' }))).toEqual([200, 403, 403, 403]);
    expect(await statuses(await made({ ledger: 'authorise' }))).toEqual([200, 201, 201, 403]);
    const everywhereElse = Object.fromEntries(
      ADMIN_AREAS.filter((area) => area !== 'ledger').map((area) => [area, 'authorise']),
    );
    expect(await statuses(await made(everywhereElse as Permissions))).toEqual([403, 403, 403, 403]);
  });
});
