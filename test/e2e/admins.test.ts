/** People who work here: how they come, sign in, and what each may do, on the built program. */
import { randomUUID } from 'node:crypto';
import { createApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { must, Person, type OwnSession } from '../support/person.js';
import { describeInEachMode } from './support/modes.js';
import { approved, makePerson } from './support/two-people.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;

interface Named {
  readonly id: string;
  readonly name: string;
}

type Method = 'get' | 'post' | 'put' | 'delete';
const METHODS: readonly Method[] = ['get', 'post', 'put', 'delete'];

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
}

interface Route {
  readonly method: Method;
  readonly path: string;
  /** What a body of it is. */
  readonly bodyType: string;
  /** Who is let in: `merchant`, `admin`, `session`; nobody in particular: everybody. */
  readonly schemes: readonly string[];
}

describeInEachMode('People who work here', (mode) => {
  let system: System;
  let owner: Person;
  let checker: Person;
  beforeAll(async () => {
    system = await startSystem(mode);
    owner = new Person(system.urlOf, system.adminEmail, system.adminPassword);
    checker = await makePerson(system, 'owner');
    await checker.arrive();
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const expectRefused = (answer: { readonly status: number; readonly body: unknown }, status: number, code: string) =>
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: { code } });

  /** Somebody new, who has accepted an invitation and not signed in yet. */
  async function invited(role: string): Promise<Person> {
    const email = `${role}.${randomUUID()}@example.com`;
    const token = await invite({ email, name: 'Kofi Mensah', role });
    const password = `a long pass phrase ${randomUUID()}`;
    must(await createApiClient(system.urlOf).post('/admin/v1/invitations/accept', { token, password }), 200);
    return new Person(system.urlOf, email, password);
  }

  /** The owner asks, another one approves and is shown the link. @returns its token */
  async function invite(body: object): Promise<string> {
    const { shown_once: shown } = await approved(system, (maker) => maker.post('/admin/v1/invitations', body), {
      maker: owner,
      checker,
    });
    return new URL(shown?.['accept_url'] ?? '').hash.slice(1);
  }

  async function arrived(role: string): Promise<Person> {
    const person = await invited(role);
    await person.arrive();
    return person;
  }

  it(
    'sign in for the first time, set up a second factor, and need it from then on',
    async () => {
      const first = must(await owner.signIn(), 201);
      expect(first.headers.get('set-cookie')).toMatch(
        /^__Host-sankofa_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(first.headers.get('cache-control')).toBe('no-store');
      expect(first.body).toMatchObject({
        permissions: {},
        proved_at: null,
        admin: { role: 'owner', second_factor: false },
      });
      expectRefused(await owner.get('/admin/v1/merchants'), 403, 'auth.second_factor_not_set_up');

      await owner.arrive();
      expect(owner.recoveryCodes).toHaveLength(10);
      const own = must(await owner.get<OwnSession>('/admin/v1/session'), 200).body;
      expect(own).toMatchObject({ proved_lately: true, recovery_codes_left: 10, admin: { second_factor: true } });
      expect(new Set(Object.values(own.permissions))).toEqual(new Set(['authorise']));
      expect((await owner.get('/admin/v1/merchants')).status).toBe(200);
      expectRefused(await owner.post('/admin/v1/session/second_factor'), 409, 'auth.second_factor_set_up');

      expectRefused(await owner.signIn(), 401, 'auth.code_required');
      expectRefused(await owner.signIn({ code: '000000' }), 403, 'auth.wrong_code');
      const code = (await owner.app?.code()) ?? '';
      must(await owner.signIn({ code }), 201);
      expectRefused(await owner.signIn({ code }), 403, 'auth.wrong_code');
      const [recovery = ''] = owner.recoveryCodes;
      must(await owner.signIn({ recovery_code: recovery.toUpperCase() }), 201);
      expectRefused(await owner.signIn({ recovery_code: recovery }), 403, 'auth.wrong_code');

      const { cookie } = owner;
      must(await owner.delete('/admin/v1/session'), 204);
      await eventually(async () => expectRefused(await owner.get('/admin/v1/session'), 401, 'auth.session_over'));
      const again = (await owner.app?.code()) ?? '';
      must(await owner.signIn({ code: again }), 201);
      expect(owner.cookie).not.toBe(cookie);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are told nothing by a sign-in that fails, and cannot go on trying',
    async () => {
      const stranger = new Person(system.urlOf, `nobody.${randomUUID()}@example.com`, 'not the password at all');
      const known = await invited('support');
      const wrong = new Person(system.urlOf, known.email, 'not the password at all');
      const [one, other] = [await stranger.signIn(), await wrong.signIn()];
      expectRefused(one, 401, 'auth.sign_in_failed');
      const told = ({ text }: { readonly text: string }): string => text.replaceAll(/req_\w+/g, 'req');
      expect(told(one)).toBe(told(other));
      const answers = await Promise.all(Array.from({ length: 12 }, () => wrong.signIn()));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
      // Not one of them was a way in, and the address of somebody else is not shut.
      expect(answers.every(({ status }) => status === 429 || status === 401)).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'come by an invitation that works once, with a password that is good enough',
    async () => {
      const email = `ama.${randomUUID()}@example.com`;
      const body = { email, name: 'Ama Serwaa', role: 'finance' };
      const token = await invite(body);
      const open = must(await owner.get<{ data: { id: string; email: string }[] }>('/admin/v1/invitations'), 200);
      expect(open.body.data.map((each) => each.email)).toContain(email);
      expect(open.text).not.toContain(token);
      const accept = (password: string, of = token) =>
        createApiClient(system.urlOf).post('/admin/v1/invitations/accept', { token: of, password });
      for (const password of ['too short', 'aaaaaaaaaaaaaaaaaaaa', `sankofa is the word`])
        expectRefused(await accept(password), 422, 'request.invalid');
      expectRefused(await accept('a good long pass phrase', 'x'.repeat(43)), 404, 'invitation.not_found');
      const both = await Promise.all([accept('a good long pass phrase'), accept('another long pass phrase')]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404]);
      expectRefused(await owner.post('/admin/v1/invitations', body), 409, 'admin.email_taken');

      // Whoever is invited again has the last link alone; one that is withdrawn is none.
      const other = { ...body, email: `esi.${randomUUID()}@example.com` };
      const tokens = [await invite(other), await invite(other)];
      expectRefused(await accept('a good long pass phrase', tokens[0]), 404, 'invitation.not_found');
      const { data } = must(
        await owner.get<{ data: { id: string; email: string }[] }>('/admin/v1/invitations'),
        200,
      ).body;
      const last = data.find((each) => each.email === other.email);
      must(await owner.delete(`/admin/v1/invitations/${last?.id ?? ''}`), 200);
      expectRefused(await accept('a good long pass phrase', tokens[1]), 404, 'invitation.not_found');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'may do what their role says, from the moment it is changed, and never more than who changes it',
    async () => {
      const colleague = await arrived('operations');
      const { admin } = must(await colleague.get<OwnSession>('/admin/v1/session'), 200).body;
      expect((await colleague.get('/admin/v1/dead_letters')).status).toBe(200);
      expectRefused(await colleague.get('/admin/v1/admins'), 403, 'auth.missing_permission');
      must(
        await owner.post('/admin/v1/roles', {
          name: 'people',
          description: 'Brings people in.',
          permissions: { team: 'authorise', merchants: 'read' },
        }),
        201,
      );
      const both = { maker: owner, checker };
      await approved(system, (maker) => maker.put(`/admin/v1/admins/${admin.id}/role`, { role: 'people' }), both);
      await eventually(async () => expect((await colleague.get('/admin/v1/admins')).status).toBe(200));
      // Another process may go on by what it knew for a second.
      await eventually(async () =>
        expectRefused(await colleague.get('/admin/v1/dead_letters'), 403, 'auth.missing_permission'),
      );
      const invitation = { email: `x.${randomUUID()}@example.com`, name: 'X' };
      expectRefused(
        await colleague.post('/admin/v1/invitations', { ...invitation, role: 'owner' }),
        403,
        'admin.beyond_your_role',
      );
      const own = must(await owner.get<OwnSession>('/admin/v1/session'), 200).body.admin;
      for (const refused of [
        await colleague.put(`/admin/v1/admins/${own.id}/role`, { role: 'people' }),
        await colleague.post(`/admin/v1/admins/${own.id}/disable`),
        await colleague.delete(`/admin/v1/admins/${own.id}/second_factor`),
      ])
        expectRefused(refused, 403, 'admin.beyond_your_role');
      expectRefused(await owner.put(`/admin/v1/admins/${own.id}/role`, { role: 'auditor' }), 409, 'admin.yourself');
      expectRefused(
        await owner.put('/admin/v1/roles/owner', { description: 'Less.', permissions: {} }),
        409,
        'role.built_in',
      );

      // What the role may do is changed for whoever has it.
      const less = { description: 'Looks.', permissions: { merchants: 'read' } };
      await approved(system, (maker) => maker.put('/admin/v1/roles/people', less), both);
      await eventually(async () =>
        expectRefused(await colleague.get('/admin/v1/admins'), 403, 'auth.missing_permission'),
      );
      expect((await colleague.get('/admin/v1/merchants')).status).toBe(200);

      must(await owner.post(`/admin/v1/admins/${admin.id}/disable`), 200);
      await eventually(async () => expectRefused(await colleague.get('/admin/v1/session'), 401, 'auth.session_over'));
      expectRefused(await colleague.signIn({ code: '123456' }), 401, 'auth.sign_in_failed');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'change their password, which ends their other sessions',
    async () => {
      const person = await arrived('auditor');
      const elsewhere = new Person(system.urlOf, person.email, person.password);
      must(await elsewhere.signIn({ code: (await person.app?.code()) ?? '' }), 201);
      const change = (current: string, next: string) =>
        person.post('/admin/v1/session/password', { current_password: current, new_password: next });
      expectRefused(await change('not my password now', 'the next long pass phrase'), 403, 'auth.wrong_password');
      expectRefused(await change(person.password, 'short'), 422, 'request.invalid');
      must(await change(person.password, 'the next long pass phrase'), 204);
      await eventually(async () => expectRefused(await elsewhere.get('/admin/v1/session'), 401, 'auth.session_over'));
      expect((await person.get('/admin/v1/session')).status).toBe(200);
      expectRefused(await elsewhere.signIn(), 401, 'auth.sign_in_failed');
      person.password = 'the next long pass phrase';
      must(await person.signIn({ recovery_code: person.recoveryCodes[0] ?? '' }), 201);
      const all = must(await person.get<{ data: { ended_reason: string | null }[] }>('/admin/v1/session/all'), 200);
      expect(all.body.data.map((each) => each.ended_reason)).toEqual([null, 'password_changed', null]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'reach no route of the admin API without credentials, with those of a merchant, without the permission, after their session, or without the CSRF token',
    async () => {
      const routes = await everyRoute();
      const admin = routes.filter(({ schemes }) => schemes.includes('admin'));
      expect(admin.length).toBeGreaterThan(60);
      // Whatever there is under /admin/v1 is for people who may, about their own session, or one of the two doors.
      const open = routes.filter(({ path, schemes }) => path.startsWith('/admin/') && schemes.length === 0);
      expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
        'post /admin/v1/invitations/accept',
        'post /admin/v1/session',
      ]);

      must(await owner.post('/admin/v1/roles', { name: 'nothing', description: 'Nothing.', permissions: {} }), 201);
      const nobody = await arrived('nothing');
      const over = await arrived('owner');
      must(await over.delete('/admin/v1/session'), 204);
      await eventually(async () => expectRefused(await over.get('/admin/v1/session'), 401, 'auth.session_over'));
      const tried = async (
        headers: Readonly<Record<string, string>>,
        which: readonly Route[],
        status: number,
        code: string,
      ): Promise<void> => {
        for (const { method, path, bodyType } of which) {
          const hasBody = method === 'post' || method === 'put';
          const response = await fetch(`${system.urlOf(path)}${path}`, {
            method: method.toUpperCase(),
            headers: { ...headers, ...(hasBody ? { 'content-type': bodyType } : {}) },
            ...(hasBody ? { body: '{}' } : {}),
          });
          const body = (await response.json()) as Readonly<Record<string, unknown>>;
          expect({ method, path, status: response.status, code: body['code'] }).toEqual({ method, path, status, code });
          // The problem and nothing else.
          expect(Object.keys(body).every((key) => PROBLEM_MEMBERS.has(key))).toBe(true);
        }
      };
      const keyed = (key: string) => ({ authorization: `Bearer ${key}` });
      const own = routes.filter(({ schemes }) => schemes.length === 1 && schemes[0] === 'session');
      const forMerchants = routes.filter(({ schemes }) => schemes.includes('merchant'));
      const changing = (all: readonly Route[]): readonly Route[] => all.filter(({ method }) => method !== 'get');
      expect(own.length).toBeGreaterThan(6);
      expect(forMerchants.length).toBeGreaterThan(30);
      await tried({}, [...admin, ...own, ...forMerchants], 401, 'auth.missing_credentials');
      await tried(keyed(system.secretKey), [...admin, ...own], 403, 'auth.forbidden');
      await tried(keyed(system.adminKey), [...own, ...forMerchants], 403, 'auth.forbidden');
      await tried(nobody.headers, admin, 403, 'auth.missing_permission');
      await tried(owner.headers, forMerchants, 401, 'auth.missing_credentials');
      await tried(over.headers, [...admin, ...own], 401, 'auth.session_over');
      await tried(
        { cookie: owner.headers['cookie'] ?? '' },
        changing([...admin, ...own]),
        403,
        'auth.csrf_token_missing',
      );

      // The second factor was shown too long ago.
      const stale = await arrived('owner');
      const { id } = must(await stale.get<OwnSession>('/admin/v1/session'), 200).body;
      await system.database.query(
        `UPDATE access.session SET proved_at = now() - interval '6 minutes' WHERE token_hash = sha256($1::bytea)`,
        [Buffer.from(stale.cookie?.split('=')[1] ?? '')],
      );
      await eventually(async () =>
        expect((await stale.get<OwnSession>('/admin/v1/session')).body).toMatchObject({ id, proved_lately: false }),
      );
      const authorising = [
        ['post', '/admin/v1/approvals/x/approve'],
        ['post', '/admin/v1/approvals/x/reject'],
        ['post', '/admin/v1/reconciliation/resolutions/x/approve'],
        ['post', '/admin/v1/ledger/accounts/x/unfreeze'],
        ['post', '/admin/v1/roles'],
        ['post', '/admin/v1/admins/x/enable'],
        ['delete', '/admin/v1/admins/x/second_factor'],
      ] as const;
      await tried(
        stale.headers,
        authorising.map(([method, path]) => ({ method, path, schemes: [], bodyType: 'application/json' })),
        403,
        'auth.step_up_required',
      );
      expectRefused(
        await stale.post('/admin/v1/session/password', { current_password: 'x', new_password: 'y' }),
        403,
        'auth.step_up_required',
      );
      expectRefused(await stale.post('/admin/v1/session/recovery_codes'), 403, 'auth.step_up_required');
      must(await stale.post('/admin/v1/session/prove', { code: (await stale.app?.code()) ?? '' }), 200);
      expectRefused(await stale.post('/admin/v1/invitations', {}), 422, 'request.invalid');
      must(await stale.post('/admin/v1/session/recovery_codes'), 201);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are told who is meant by an id, and which merchant only where they may read merchants',
    async () => {
      const counter = { name: 'counter', description: 'Looks at payments.', permissions: { payments: 'read' } };
      must(await owner.post('/admin/v1/roles', counter), 201);
      const person = await arrived(counter.name);
      const [merchant] = must(await owner.get<{ data: Named[] }>('/admin/v1/merchants'), 200).body.data;
      const { admin } = must(await owner.get<{ admin: Named }>('/admin/v1/session'), 200).body;
      const nobody = `adm_${'0'.repeat(26)}`;
      const path = `/admin/v1/names?of=${merchant?.id},${admin.id},${nobody}`;
      const named = ({ id, name }: Named): Named => ({ id, name });
      const namesFor = async (who: Person): Promise<readonly Named[]> =>
        must(await who.get<{ data: Named[] }>(path), 200).body.data.map(named);
      const known = [merchant, admin].flatMap((each) => (each === undefined ? [] : [named(each)]));
      expect(known).toHaveLength(2);
      expect((await namesFor(owner)).toSorted((a, b) => (a.id < b.id ? 1 : -1))).toEqual(known);
      expect(await namesFor(person)).toEqual([named(admin)]);
      expectRefused(await owner.get('/admin/v1/names?of=pay_1'), 400, 'request.invalid_parameter');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'leave none of their secrets in a table, a queue or a log',
    async () => {
      const person = await arrived('auditor');
      const code = (await person.app?.code()) ?? '';
      must(await person.signIn({ code }), 201);
      const secrets = [
        person.password,
        person.app?.secret ?? '',
        person.cookie?.split('=')[1] ?? '',
        ...person.recoveryCodes,
        ...person.recoveryCodes.map((each) => each.replaceAll('-', '')),
      ];
      expect(secrets.every((secret) => secret.length > 15)).toBe(true);
      const tables = await system.database.query<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
      );
      expect(tables.length).toBeGreaterThan(50);
      let found = 0;
      for (const { name } of tables) {
        const [row] = await system.database.query<{ hits: number; mentions: number }>(
          `SELECT count(*) FILTER (WHERE t::text LIKE ANY($1))::int AS hits, count(*) FILTER (WHERE t::text LIKE $2)::int AS mentions FROM ${name} t`,
          [secrets.map((secret) => `%${secret}%`), `%${person.email}%`],
        );
        expect({ name, hits: row?.hits }).toEqual({ name, hits: 0 });
        found += row?.mentions ?? 0;
      }
      // The search does find what is there.
      expect(found).toBeGreaterThan(0);
      const logs = system.logs();
      expect(logs.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(logs).not.toContain(secret);
    },
    TEST_TIMEOUT_MS,
  );

  /** What the program says there is, with something in the place of each parameter. */
  async function everyRoute(): Promise<readonly Route[]> {
    const routes = new Map<string, Route>();
    for (const { url } of system.programs()) {
      const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
      for (const [template, operations] of Object.entries(paths)) {
        if (!/^\/(admin\/)?v1\//.test(template)) continue;
        const path = template.replaceAll(/\{[^}]+\}/g, 'x');
        for (const method of METHODS) {
          const operation = operations[method];
          if (operation === undefined) continue;
          const schemes = (operation.security ?? []).flatMap((each) => Object.keys(each));
          const [bodyType = 'application/json'] = Object.keys(operation.requestBody?.content ?? {});
          routes.set(`${method} ${path}`, { method, path, schemes, bodyType });
        }
      }
    }
    return [...routes.values()];
  }
});

const PROBLEM_MEMBERS: ReadonlySet<string> = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'request_id',
  'retryable',
  'errors',
]);
