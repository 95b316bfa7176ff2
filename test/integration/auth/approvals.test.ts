/** Maker and checker: that they are two by every road, also past the program. */
import { z } from 'zod';
import { readEnv } from '../../../src/config/env.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import type { SessionPrincipal } from '../../../src/kernel/access/principal.js';
import { approvedWork, hashPayload, type ApprovalAction } from '../../../src/kernel/approvals/approval-action.js';
import { Approvals } from '../../../src/kernel/approvals/approvals.js';
import {
  approvalAsked,
  approvalCarriedOut,
  type GrantedApproval,
} from '../../../src/kernel/approvals/approvals.events.js';
import { CarryOutApproved } from '../../../src/kernel/approvals/carry-out.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { DomainError } from '../../../src/kernel/errors/domain-error.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import type { PayloadOf, StoredEvent } from '../../../src/kernel/outbox/event.js';
import { AdminsStore, type AdminRow } from '../../../src/modules/auth/admins/admins.store.js';
import { Invitations } from '../../../src/modules/auth/admins/invitations.js';
import { InvitationsStore } from '../../../src/modules/auth/admins/invitations.store.js';
import { RolesStore } from '../../../src/modules/auth/admins/roles.store.js';
import { SecondFactorStore } from '../../../src/modules/auth/admins/second-factor.store.js';
import { Sessions } from '../../../src/modules/auth/admins/sessions.js';
import { SessionsStore } from '../../../src/modules/auth/admins/sessions.store.js';
import { TeamRequests } from '../../../src/modules/auth/admins/team-requests.js';
import { Team } from '../../../src/modules/auth/admins/team.js';
import { Throttle } from '../../../src/modules/auth/admins/throttle.js';
import { ThrottleStore } from '../../../src/modules/auth/admins/throttle.store.js';
import { ApprovalsStore } from '../../../src/modules/auth/approvals/approvals.store.js';
import { DecideApproval } from '../../../src/modules/auth/approvals/decide-approval.js';
import { KeepApprovals } from '../../../src/modules/auth/approvals/keep-approvals.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const cause = { correlationId: 'req_test' };
const action = {
  kind: 'ledger.test_things',
  area: 'ledger',
  payload: z.object({ thing: z.string() }),
} satisfies ApprovalAction<unknown>;

let database: TestDatabase;
let databases: Databases;
let admins: AdminsStore;
let store: ApprovalsStore;
let approvals: Approvals;
let decide: DecideApproval;
let requests: TeamRequests;
let team: Team;
let sessions: Sessions;
let keep: KeepApprovals;
let maker: SessionPrincipal;
let checker: SessionPrincipal;

beforeEach(async () => {
  database = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url });
  const logger = new Logger(env);
  databases = new Databases(env, logger);
  const roles = new RolesStore(databases);
  admins = new AdminsStore(databases);
  sessions = new Sessions(new SessionsStore(databases), roles, new SessionCache(databases));
  team = new Team(admins, roles, new SecondFactorStore(databases), sessions);
  const throttle = new Throttle(new ThrottleStore(databases));
  const vault = new Vault(env);
  const invitations = new Invitations(new InvitationsStore(databases), admins, roles, sessions, throttle, vault, env);
  store = new ApprovalsStore(databases);
  approvals = new Approvals(databases);
  requests = new TeamRequests(team, invitations, admins, roles, approvals, env);
  decide = new DecideApproval(store, admins, roles, new SessionsStore(databases), requests.works);
  keep = new KeepApprovals(store, logger);
  [maker, checker] = [await person('owner'), await person('owner')];
});
afterEach(async () => {
  await databases.close();
  await database.drop();
});

/** Somebody with a second factor, in a session, whom the guard knows. */
async function person(role: string): Promise<SessionPrincipal> {
  const { id, permissions } = await newAdmin(role);
  const started = await admins.database.transaction(async (tx) => {
    const admin = await admins.lock(tx, id);
    return sessions.start(tx, admin, true, { ...cause, address: '192.0.2.1', userAgent: 'test' });
  });
  const { session, token } = started;
  const rest = { token, expiresAt: session.expiresAt, provedAt: session.startedAt, provedLately: true };
  return { kind: 'admin', id, permissions, session: { id: session.id, ...rest } };
}

async function newAdmin(role: string): Promise<AdminRow & Pick<SessionPrincipal, 'permissions'>> {
  const admin = await admins.database.transaction((tx) =>
    admins.insert(tx, {
      id: newUuid(),
      email: `${newUuid()}@example.com`,
      name: 'A',
      role,
      passwordHash: '$argon2id$none',
    }),
  );
  await database.query(`UPDATE auth.admin_user SET totp_secret = '{}', totp_confirmed_at = now() WHERE id = $1`, [
    admin.id,
  ]);
  const { permissions } = await new RolesStore(databases).get(admins.database, role);
  await database.query(
    'INSERT INTO access.admin (admin_id, version, permissions, disabled) VALUES ($1, 1, $2, false)',
    [admin.id, JSON.stringify(permissions)],
  );
  return { ...admin, permissions };
}

/** Delivers what was asked for to auth, as the relay would. */
async function keepAll(): Promise<void> {
  const events = await database.query<StoredEvent>(
    `SELECT id, type, aggregatetype AS "aggregateType", aggregateid AS "aggregateId", merchant_id AS "merchantId", payload, headers,
       created_at AS "createdAt" FROM messaging.outbox WHERE type = $1 ORDER BY seq`,
    [approvalAsked.type],
  );
  const unknown: StoredEvent[] = [];
  for (const event of events)
    if ((await store.find(store.database, event.aggregateId)) === undefined) unknown.push(event);
  await store.database.transaction((tx) => keep.handle(tx, unknown));
}

async function asked(thing: string = newUuid(), by = maker): Promise<string> {
  const request = { payload: { thing }, subject: 'a thing', by, ...cause };
  const { id } = await approvals.ask(databases.of('ledger'), action, request);
  await keepAll();
  const [row] = await database.query<{ id: string }>('SELECT id FROM auth.approval ORDER BY id DESC LIMIT 1');
  expect(id).toMatch(/^apr_/);
  return row?.id ?? '';
}

const stateOf = async (id: string): Promise<string | undefined> => (await store.find(store.database, id))?.state;
const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

const signOut = (who: SessionPrincipal): Promise<unknown> =>
  admins.database.transaction((tx) =>
    new SessionsStore(databases).end(tx, { adminId: who.id, id: who.session.id, reason: 'signed_out' }),
  );

describe('an approval', () => {
  it('is for another person, who may authorise there', async () => {
    const id = await asked();
    expect(await refusal(decide.approve(maker, id, null, cause))).toBe('approval.own');
    expect(await refusal(decide.reject(maker, id, null, cause))).toBe('approval.own');
    expect(await refusal(decide.withdraw(checker, id, null, cause))).toBe('approval.not_yours');
    expect(await refusal(decide.approve(await person('auditor'), id, null, cause))).toBe('auth.missing_permission');
    // Who may not see that part is not told that it is there.
    expect(await refusal(decide.approve(await person('support'), id, null, cause))).toBe('approval.not_found');
    expect(await stateOf(id)).toBe('pending');
    await decide.approve(await person('finance'), id, 'as agreed', cause);
    expect(await store.find(store.database, id)).toMatchObject({
      state: 'approved',
      remark: 'as agreed',
      askedBy: maker.id,
    });
    expect(await refusal(decide.approve(checker, id, null, cause))).toBe('approval.decided');
    expect(await refusal(decide.withdraw(maker, id, null, cause))).toBe('approval.decided');
  });

  it('is decided once, however many decide at a time', async () => {
    const id = await asked();
    const all = await Promise.all([
      ...Array.from({ length: 4 }, () => refusal(decide.approve(checker, id, null, cause))),
      refusal(decide.withdraw(maker, id, null, cause)),
    ]);
    expect(all.filter((each) => each === 'done')).toHaveLength(1);
    const granted = await database.query(`SELECT id FROM messaging.outbox WHERE type = 'auth.approval_granted.v1'`);
    expect(granted.length).toBe((await stateOf(id)) === 'approved' ? 1 : 0);
  });

  it('is decided by nobody who was signed out after the guard had let them in', async () => {
    const id = await asked();
    await signOut(checker);
    expect(await refusal(decide.approve(checker, id, null, cause))).toBe('auth.session_over');
    expect(await refusal(decide.reject(checker, id, null, cause))).toBe('auth.session_over');
    await signOut(maker);
    expect(await refusal(decide.withdraw(maker, id, null, cause))).toBe('auth.session_over');
    expect(await stateOf(id)).toBe('pending');
  });

  it('is decided or not by somebody who is signed out at that moment', async () => {
    for (let times = 0; times < 10; times += 1) {
      const [id, another] = [await asked(), await person('finance')];
      const [answer] = await Promise.all([refusal(decide.approve(another, id, null, cause)), signOut(another)]);
      expect(['done', 'auth.session_over']).toContain(answer);
      expect(await stateOf(id)).toBe(answer === 'done' ? 'approved' : 'pending');
    }
  });

  it('is not asked for by a key, nor where nobody else could approve it', async () => {
    const ask = (by: SessionPrincipal | { kind: 'admin'; id: string }) =>
      approvals.ask(databases.of('ledger'), action, { payload: { thing: 'x' }, subject: 'a thing', by, ...cause });
    expect(await refusal(ask({ kind: 'admin', id: newUuid() }))).toBe('auth.people_only');
    await database.query('UPDATE access.admin SET disabled = true WHERE admin_id = $1', [checker.id]);
    expect(await refusal(ask(maker))).toBe('approval.nobody_else');
    await person('operations');
    expect(await refusal(ask(maker))).toBe('approval.nobody_else');
    await person('finance');
    expect(await refusal(ask(maker))).toBe('done');
  });

  it('is not granted to somebody who left, or may not ask for it any more', async () => {
    const [first, second] = [await asked(), await asked()];
    await team.disable(null, maker.id, cause);
    expect(await refusal(decide.approve(checker, first, null, cause))).toBe('approval.maker_gone');
    await team.enable(null, maker.id, cause);
    await team.giveRole(null, maker.id, 'auditor', cause);
    expect(await refusal(decide.approve(checker, second, null, cause))).toBe('approval.maker_gone');
    expect([await stateOf(first), await stateOf(second)]).toEqual(['pending', 'pending']);
  });

  it('waits once for the same thing', async () => {
    const first = await asked('the same');
    const second = await asked('the same');
    expect(await store.find(store.database, second)).toMatchObject({ state: 'withdrawn', decidedBy: null });
    await decide.reject(checker, first, null, cause);
    expect(await stateOf(await asked('the same'))).toBe('pending');
  });
});

describe('whoever writes SQL as the program does', () => {
  const asRole = (sql: string, values: readonly unknown[] = []) => databases.of('auth').query(sql, values);
  /** The owner of the table, who passes all grants. */
  const asOwner = (sql: string, values: readonly unknown[] = []) => database.query(sql, [...values]);

  it('can decide about a request in three ways, of all there are', async () => {
    const id = await asked();
    const over = await person('owner');
    await asOwner(`UPDATE auth.admin_session SET ended_at = now(), ended_reason = 'signed_out' WHERE id = $1`, [
      over.session.id,
    ]);
    const people = { nobody: null, maker: maker.id, checker: checker.id, over: over.id };
    const places = { none: null, maker: maker.session.id, checker: checker.session.id, over: over.session.id };
    const states = ['pending', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'];
    const accepted: string[] = [];
    for (const state of states)
      for (const [by, decidedBy] of Object.entries(people))
        for (const [place, decidedIn] of Object.entries(places))
          for (const decidedAt of [null, new Date()])
            for (const carriedOut of [null, new Date()]) {
              const values = [id, state, decidedBy, decidedIn, decidedAt, carriedOut];
              const work = databases.of('auth').rehearse(async (tx) => {
                await tx.query(
                  `UPDATE auth.approval SET state = $2, decided_by = $3, decided_in = $4, decided_at = $5, carried_out_at = $6,
                     failure_code = CASE WHEN $2 = 'failed' THEN 'x' END WHERE id = $1`,
                  values,
                );
              });
              if ((await refusal(work)) === 'done') accepted.push(`${state} by ${by} in ${place}`);
            }
    expect(accepted).toEqual([
      'approved by checker in checker',
      'rejected by checker in checker',
      'withdrawn by maker in maker',
    ]);
  });

  it('cannot change what was asked for, by whom, or how long it waits', async () => {
    const id = await asked();
    const changes = [
      ['kind', 'auth.give_role'],
      ['area', 'payments'],
      ['subject', 'another'],
      ['payload', '{"thing":"another"}'],
      ['payload_sha256', Buffer.alloc(32)],
      ['reason', 'another'],
      ['asked_by', checker.id],
      ['asked_in', checker.session.id],
      ['asked_at', new Date(0)],
      ['expires_at', new Date(Date.now() + 1_000)],
    ] as const;
    for (const write of [asRole, asOwner])
      for (const [column, value] of changes)
        expect([
          column,
          await refusal(write(`UPDATE auth.approval SET ${column} = $2 WHERE id = $1`, [id, value])),
        ]).toEqual([column, '42501']);
    for (const write of [asRole, asOwner]) {
      expect(await refusal(write('DELETE FROM auth.approval'))).toBe('42501');
      expect(await refusal(write('TRUNCATE auth.approval'))).toBe('42501');
    }
  });

  it('cannot put in one that is approved, does not fit its hash, or waits for longer', async () => {
    const insert = (change: Readonly<Record<string, unknown>>) => {
      const payload = '{"thing":"x"}';
      const row = {
        id: newUuid(),
        kind: action.kind,
        area: 'ledger',
        subject: 'x',
        payload,
        payload_sha256: Buffer.from(hashPayload(action.kind, payload), 'hex'),
        state: 'pending',
        asked_by: maker.id,
        asked_in: maker.session.id,
        asked_at: new Date(),
        expires_at: new Date(Date.now() + 3_600_000),
        ...change,
      };
      const columns = Object.keys(row);
      const places = columns.map((_, index) => `$${index + 1}`);
      return asRole(
        `INSERT INTO auth.approval (${columns.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(row),
      );
    };
    const decided = { decided_by: checker.id, decided_in: checker.session.id, decided_at: new Date() };
    for (const state of ['approved', 'rejected', 'expired', 'done'])
      expect(await refusal(insert({ state, ...decided }))).toBe('42501');
    expect(await refusal(insert({ payload: '{"thing":"y"}' }))).toBe('23514');
    expect(await refusal(insert({ expires_at: new Date(Date.now() + 25 * 3_600_000) }))).toBe('23514');
    expect(await refusal(insert({ asked_by: newUuid() }))).toBe('23503');
    expect(await refusal(insert({}))).toBe('done');
    // Of two that ask for the same one waits.
    expect(await refusal(insert({}))).toBe('23505');
  });

  it('cannot approve it once its time is over, nor have it expire before', async () => {
    const id = await asked();
    expect(await refusal(asRole(`UPDATE auth.approval SET state = 'expired' WHERE id = $1`, [id]))).toBe('42501');
    await asOwner('ALTER TABLE auth.approval DISABLE TRIGGER USER');
    await asOwner(
      `UPDATE auth.approval SET asked_at = now() - interval '24 hours', expires_at = now() - interval '1 second' WHERE id = $1`,
      [id],
    );
    await asOwner('ALTER TABLE auth.approval ENABLE TRIGGER USER');
    expect(await stateOf(id)).toBe('expired');
    expect(await refusal(decide.approve(checker, id, null, cause))).toBe('approval.expired');
    const approve = `UPDATE auth.approval SET state = 'approved', decided_by = $2, decided_in = $3, decided_at = now() - interval '2 seconds' WHERE id = $1`;
    expect(await refusal(asRole(approve, [id, checker.id, checker.session.id]))).toBe('42501');
    // The same may be asked for again.
    const thing = (JSON.parse((await store.find(store.database, id))?.payload ?? '{}') as { thing: string }).thing;
    expect(await stateOf(await asked(thing))).toBe('pending');
    expect(await stateOf(id)).toBe('expired');
  });
});

describe('what was approved', () => {
  let did: string[] = [];
  const work = approvedWork(action, async (tx, { thing }) => {
    await tx.query('CREATE TEMPORARY TABLE IF NOT EXISTS done (thing text)');
    await tx.query('INSERT INTO done VALUES ($1)', [thing]);
    if (thing === 'impossible') throw new DomainError('rule_set.conflict', { detail: 'It is too late.' });
    if (thing === 'broken') throw new Error('no connection');
    did = (await tx.query<{ thing: string }>('SELECT thing FROM done')).map((row) => row.thing);
    return undefined;
  });
  const granted = (thing: string, change: Partial<GrantedApproval> = {}): StoredEvent => {
    const payload = JSON.stringify({ thing });
    const grant: GrantedApproval = {
      approval_id: newUuid(),
      kind: action.kind,
      payload,
      payload_sha256: hashPayload(action.kind, payload),
      asked_by: maker.id,
      granted_by: checker.id,
      granted_at: new Date().toISOString(),
      ...change,
    };
    return {
      id: newUuid(),
      type: 'auth.approval_granted.v1',
      aggregateType: 'approval',
      aggregateId: grant.approval_id,
      merchantId: null,
      payload: grant,
      headers: { correlation_id: 'req_test' },
      createdAt: new Date(),
    };
  };
  const carryOut = async (...events: readonly StoredEvent[]) => {
    did = [];
    await databases.of('ledger').transaction((tx) => new CarryOutApproved([work]).handle(tx, events));
    const told = await database.query<{ payload: PayloadOf<typeof approvalCarriedOut> }>(
      'SELECT payload FROM messaging.outbox WHERE type = $1 AND aggregateid = ANY($2) ORDER BY seq',
      [approvalCarriedOut.type, events.map(({ aggregateId }) => aggregateId)],
    );
    return told.map(({ payload }) => payload.code);
  };

  it('is done by the module that was asked; what cannot be done leaves nothing, and is told', async () => {
    const others = granted('elsewhere', { kind: 'routing.other_things' });
    expect(await carryOut(granted('one'), granted('impossible'), others, granted('two'))).toEqual([
      null,
      'rule_set.conflict',
      null,
    ]);
    expect(did).toEqual(['one', 'two']);
    await expect(carryOut(granted('three'), granted('broken'))).rejects.toThrow('no connection');
  });

  it('is not done when it is another than was approved, of one person alone, or a day old', async () => {
    const forged = { payload: '{"thing":"more"}' };
    const yesterday = { granted_at: new Date(Date.now() - 86_500_000).toISOString() };
    const senseless = JSON.stringify({ other: true });
    expect(
      await carryOut(
        granted('less', forged),
        granted('mine', { asked_by: checker.id }),
        granted('late', yesterday),
        granted('x', { payload: senseless, payload_sha256: hashPayload(action.kind, senseless) }),
      ),
    ).toEqual(['approval.not_genuine', 'approval.not_genuine', 'approval.expired', 'approval.not_genuine']);
    expect(did).toEqual([]);
  });

  it('is shown as done, or with why not, whatever comes twice', async () => {
    const [good, bad] = [await asked(), await asked()];
    for (const id of [good, bad]) await decide.approve(checker, id, null, cause);
    const told = (id: string, code: string | null): StoredEvent => ({
      ...granted('x'),
      type: approvalCarriedOut.type,
      payload: { approval_id: id, kind: action.kind, code, detail: null },
    });
    await store.database.transaction((tx) =>
      keep.handle(tx, [told(good, null), told(bad, 'rule_set.conflict'), told(bad, null)]),
    );
    expect(await store.find(store.database, good)).toMatchObject({ state: 'done', failureCode: null });
    expect(await store.find(store.database, bad)).toMatchObject({ state: 'failed', failureCode: 'rule_set.conflict' });
  });
});

it('takes down whatever may be asked for, however long its name is', async () => {
  const email = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`.slice(0, 254);
  await requests.invite(maker, { email, name: 'A', role: 'support' }, cause);
  await keepAll();
  expect(await database.query('SELECT subject, state FROM auth.approval')).toEqual([
    { subject: email, state: 'pending' },
  ]);
});

describe('who may what', () => {
  it('is changed by two, as it was shown to both', async () => {
    const somebody = await person('support');
    const ask = async () => {
      await requests.giveRole(maker, { adminId: somebody.id, role: 'auditor' }, cause);
      await keepAll();
      const [row] = await database.query<{ id: string }>('SELECT id FROM auth.approval ORDER BY id DESC LIMIT 1');
      return row?.id ?? '';
    };
    const first = await ask();
    expect((await admins.find(admins.database, somebody.id))?.role).toBe('support');
    await team.giveRole(null, somebody.id, 'developer', cause);
    // They are not what they were when it was asked for.
    expect(await refusal(decide.approve(checker, first, null, cause))).toBe('approval.changed_meanwhile');
    expect(await stateOf(first)).toBe('pending');
    const second = await ask();
    expect((await decide.approve(checker, second, null, cause)).approval.state).toBe('done');
    expect((await admins.find(admins.database, somebody.id))?.role).toBe('auditor');
  });

  it('is given by nobody to themselves, nor beyond what either of the two has', async () => {
    await team.makeRole(null, { name: 'people', description: 'People.', permissions: { team: 'authorise' } }, cause);
    const less = await person('people');
    const invite = (by: SessionPrincipal) =>
      requests.invite(by, { email: `${newUuid()}@example.com`, name: 'A', role: 'owner' }, cause);
    expect(await refusal(invite(less))).toBe('admin.beyond_your_role');
    await invite(maker);
    await keepAll();
    const [row] = await database.query<{ id: string }>('SELECT id FROM auth.approval');
    expect(await refusal(decide.approve(less, row?.id ?? '', null, cause))).toBe('admin.beyond_your_role');
    const { shownOnce, approval } = await decide.approve(checker, row?.id ?? '', null, cause);
    expect(approval.state).toBe('done');
    const token = new URL(shownOnce?.['accept_url'] ?? '').hash.slice(1);
    // It is nowhere else.
    const everywhere = await database.query<{ text: string }>(
      `SELECT string_agg(o::text, ' ') || coalesce((SELECT string_agg(a::text, ' ') FROM auth.approval a), '') AS text FROM messaging.outbox o`,
    );
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(everywhere[0]?.text).not.toContain(token);

    await requests.giveRole(maker, { adminId: checker.id, role: 'auditor' }, cause);
    await keepAll();
    const [own] = await database.query<{ id: string }>('SELECT id FROM auth.approval ORDER BY id DESC LIMIT 1');
    expect(await refusal(decide.approve(checker, own?.id ?? '', null, cause))).toBe('admin.yourself');
  });
});
