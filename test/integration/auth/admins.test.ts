import { readEnv, type Env } from '../../../src/config/env.js';
import type { SessionPrincipal } from '../../../src/kernel/access/principal.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { newMasterKey } from '../../../src/kernel/secrets/master-keys.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import { AdminsStore, type AdminRow } from '../../../src/modules/auth/admins/admins.store.js';
import { Invitations } from '../../../src/modules/auth/admins/invitations.js';
import { InvitationsStore } from '../../../src/modules/auth/admins/invitations.store.js';
import { hashPassword, isPasswordOf, mustBeGoodPassword } from '../../../src/modules/auth/admins/password.js';
import { RolesStore } from '../../../src/modules/auth/admins/roles.store.js';
import { resealSecondFactors, SecondFactor } from '../../../src/modules/auth/admins/second-factor.js';
import { SecondFactorStore } from '../../../src/modules/auth/admins/second-factor.store.js';
import { SessionsStore } from '../../../src/modules/auth/admins/sessions.store.js';
import { Sessions } from '../../../src/modules/auth/admins/sessions.js';
import { SetAdmin } from '../../../src/modules/auth/admins/set-admin.js';
import { SignIn } from '../../../src/modules/auth/admins/sign-in.js';
import { Team } from '../../../src/modules/auth/admins/team.js';
import { LIMITS, Throttle } from '../../../src/modules/auth/admins/throttle.js';
import { ThrottleStore } from '../../../src/modules/auth/admins/throttle.store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { AuthenticatorApp } from '../../support/person.js';

const PASSWORD = 'a long pass phrase of somebody';
const OLD_KEY = newMasterKey();
const NEW_KEY = newMasterKey();
const cause = { correlationId: 'req_test' };
/** Fewer connections than people who come at a time. */
const POOL_SIZE = 3;

let database: TestDatabase;
let databases: Databases;
let admins: AdminsStore;
let factors: SecondFactorStore;
let sessions: Sessions;
let throttle: Throttle;
let factor: SecondFactor;
let team: Team;
let signIn: SignIn;
let setAdmin: SetAdmin;
let invitations: Invitations;
let addresses = 0;

const vaultOf = (...masterKeys: readonly string[]): Vault =>
  new Vault({ nodeEnv: 'test', masterKeys, dataDir: '/nowhere' } satisfies Pick<
    Env,
    'nodeEnv' | 'masterKeys' | 'dataDir'
  >);

/** Nobody projects what happens here: there is nothing to wait for. */
class AlwaysKnown extends SessionCache {
  override find(token: string): Promise<SessionPrincipal> {
    const session = { id: newUuid(), token, expiresAt: new Date(), provedAt: new Date(), provedLately: true };
    return Promise.resolve({ kind: 'admin', id: newUuid(), permissions: {}, session });
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url };
  const env = readEnv({ ...settings, DATABASE_POOL_SIZE: String(POOL_SIZE) });
  databases = new Databases(env, new Logger(env));
  const roles = new RolesStore(databases);
  admins = new AdminsStore(databases);
  factors = new SecondFactorStore(databases);
  sessions = new Sessions(new SessionsStore(databases), roles, new AlwaysKnown(databases));
  throttle = new Throttle(new ThrottleStore(databases));
  factor = new SecondFactor(factors, vaultOf(OLD_KEY), throttle);
  team = new Team(admins, roles, factors, sessions);
  signIn = new SignIn(admins, factor, sessions, throttle);
  setAdmin = new SetAdmin(admins, sessions);
  invitations = new Invitations(
    new InvitationsStore(databases),
    admins,
    roles,
    sessions,
    throttle,
    vaultOf(OLD_KEY),
    env,
  );
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});

async function newAdmin(role = 'support'): Promise<AdminRow> {
  const email = `${newUuid()}@example.com`;
  await setAdmin.execute({ email, name: null, role, password: PASSWORD }, cause);
  const admin = await admins.findByEmail(admins.database, email);
  if (admin === undefined) throw new Error('It was just made');
  return admin;
}

async function withFactor(
  admin: AdminRow,
): Promise<{ readonly app: AuthenticatorApp; readonly codes: readonly string[] }> {
  const app = new AuthenticatorApp((await factor.begin(admin)).secret);
  const code = await app.code();
  const codes = await admins.database.transaction((tx) => factor.confirm(tx, admin.id, code));
  return { app, codes };
}

/** From an address of its own. */
const origin = () => {
  addresses += 1;
  return { address: `192.0.2.${addresses}`, userAgent: 'test', ...cause };
};
const enter = (admin: AdminRow, shown: { code?: string; recoveryCode?: string } = {}) =>
  signIn.execute({ email: admin.email, password: PASSWORD, ...shown, origin: origin() });

const outcomes = async (all: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(all))
    .map((each) => (each.status === 'fulfilled' ? 'ok' : String((each.reason as { code?: string }).code)))
    .toSorted();

describe('passwords', () => {
  it('are kept as argon2id hashes, and replaced', async () => {
    const admin = await newAdmin();
    const next = {
      email: admin.email.toUpperCase(),
      name: null,
      role: 'support',
      password: 'another long pass phrase',
    };
    await setAdmin.execute(next, cause);
    const phc = await admins.passwordHashOf(admins.database, admin.id);
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPasswordOf(phc, PASSWORD)).toBe(false);
    expect(await isPasswordOf(phc, 'another long pass phrase')).toBe(true);
  });

  it('are the same however their letters were written', async () => {
    const admin = await newAdmin();
    const composed = 'Côte d’Ivoire à midi';
    await setAdmin.execute({ email: admin.email, name: null, role: 'support', password: composed }, cause);
    const phc = await admins.passwordHashOf(admins.database, admin.id);
    expect(await isPasswordOf(phc, composed.normalize('NFD'))).toBe(true);
  });

  it.each([
    ['fourteen chars', 'too_short'],
    ['aaaaaaaaaaaaaaaaaaaaaaa', 'too_uniform'],
    ['my sankofa pass phrase', 'too_easy_to_guess'],
    ['kwame.nkrumah is my name', 'too_easy_to_guess'],
  ])('are not %j', (password, code) => {
    expect(() => mustBeGoodPassword(password, 'Kwame.Nkrumah@example.com')).toThrow(
      expect.objectContaining({ errors: [{ pointer: '/password', code }] }),
    );
  });

  it('may be any long sentence', () => {
    expect(() => mustBeGoodPassword('the market opens at six', 'kwame@example.com')).not.toThrow();
  });
});

describe('the second factor', () => {
  it('is taken once, of however many bring one code at a time', async () => {
    const admin = await newAdmin();
    const { app } = await withFactor(admin);
    const code = await app.code();
    const all = await outcomes(Array.from({ length: 5 }, () => enter(admin, { code })));
    expect(all.filter((each) => each === 'ok')).toHaveLength(1);
    expect(all.filter((each) => each !== 'ok').every((each) => /wrong_code|too_many_attempts/.test(each))).toBe(true);
  });

  it('is not taken from before one that was taken', async () => {
    const admin = await newAdmin();
    const { app } = await withFactor(admin);
    const [earlier, later] = [await app.code(), await app.code()];
    await enter(admin, { code: later });
    await expect(enter(admin, { code: earlier })).rejects.toMatchObject({ code: 'auth.wrong_code' });
  });

  it('has recovery codes that stand in for it once each', async () => {
    const admin = await newAdmin();
    const { codes } = await withFactor(admin);
    const [one = '', other = ''] = codes;
    const all = await outcomes(Array.from({ length: 4 }, () => enter(admin, { recoveryCode: one })));
    expect(all.filter((each) => each === 'ok')).toHaveLength(1);
    await enter(admin, { recoveryCode: ` ${other.replaceAll('-', ' ').toUpperCase()}` });
    expect(await factors.codesLeft(admin.id)).toBe(codes.length - 2);
  });

  it('cannot be guessed: after some wrong codes not even the right one is taken, for a while', async () => {
    const admin = await newAdmin();
    const { app } = await withFactor(admin);
    for (let count = 0; count < LIMITS.code.attempts; count += 1)
      await expect(enter(admin, { code: '000000' })).rejects.toMatchObject({ code: 'auth.wrong_code' });
    const code = await app.code();
    await expect(enter(admin, { code })).rejects.toMatchObject({ code: 'auth.too_many_attempts' });
    await database.query('UPDATE auth.attempt_count SET window_start = window_start - make_interval(secs => $1)', [
      2 * LIMITS.code.windowSeconds,
    ]);
    await expect(enter(admin, { code })).resolves.toMatchObject({ admin: { id: admin.id } });
    // What went before it is forgiven: there are as many attempts as ever.
    for (let count = 0; count < LIMITS.code.attempts; count += 1)
      await expect(enter(admin, { code: '000000' })).rejects.toMatchObject({ code: 'auth.wrong_code' });
  });

  it('opens at no other row, and is sealed anew under another master key', async () => {
    const [one, other] = [await newAdmin(), await newAdmin()];
    const { app } = await withFactor(one);
    await withFactor(other);
    await database.query(
      'UPDATE auth.admin_user SET totp_secret = (SELECT totp_secret FROM auth.admin_user WHERE id = $1) WHERE id = $2',
      [one.id, other.id],
    );
    await expect(enter(other, { code: await app.code() })).rejects.toThrow('it is not what was sealed there');
    const rotated = await resealSecondFactors(factors, vaultOf(NEW_KEY, OLD_KEY));
    expect(rotated.failed.map(({ id }) => id)).toEqual([other.id]);
    expect(rotated.resealed).toBeGreaterThan(1);
    const after = new SignIn(admins, new SecondFactor(factors, vaultOf(NEW_KEY), throttle), sessions, throttle);
    const shown = { email: one.email, password: PASSWORD, code: await app.code(), origin: origin() };
    await expect(after.execute(shown)).resolves.toMatchObject({ admin: { id: one.id } });
    expect(await resealSecondFactors(factors, vaultOf(NEW_KEY))).toMatchObject({
      resealed: 0,
      failed: [{ id: other.id }],
    });
  });

  it('is not set up a second time by whoever has the password', async () => {
    const admin = await newAdmin();
    const [first, second] = [await factor.begin(admin), await factor.begin(admin)];
    const confirm = (secret: string) =>
      new AuthenticatorApp(secret)
        .code()
        .then((code) => admins.database.transaction((tx) => factor.confirm(tx, admin.id, code)));
    // The last one that was begun is the one there is.
    await expect(confirm(first.secret)).rejects.toMatchObject({ code: 'auth.wrong_code' });
    await confirm(second.secret);
    await expect(factor.begin(admin)).rejects.toMatchObject({ code: 'auth.second_factor_set_up' });
    await expect(confirm(second.secret)).rejects.toMatchObject({ code: 'auth.second_factor_set_up' });
  });
});

describe('signing in', () => {
  it('begins no session for whose password is another when it begins', async () => {
    const admin = await newAdmin();
    const other = await hashPassword('another long pass phrase');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let locked: () => void = () => undefined;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const change = admins.database.transaction(async (tx) => {
      await admins.lock(tx, admin.id);
      locked();
      await held;
      await admins.setPassword(tx, admin.id, other);
    });
    await isLocked;
    // The right password still, as anybody can read; then it waits for the row.
    const entering = enter(admin);
    await eventually(async () => {
      const [row] = await database.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(row?.waiting).toBe(1);
    });
    release();
    await change;
    await expect(entering).rejects.toMatchObject({ code: 'auth.sign_in_failed' });
  });

  it('holds up when more come at a time than there are connections', async () => {
    const people = await Promise.all(Array.from({ length: 4 * POOL_SIZE }, () => newAdmin()));
    const all = await outcomes(people.map((person) => enter(person)));
    expect(new Set(all)).toEqual(new Set(['ok']));
  });

  it('is not tried for ever from one address, and goes on from another', async () => {
    const admin = await newAdmin();
    const from = origin();
    const wrong = { email: admin.email, password: 'not the password at all', origin: from };
    for (let count = 0; count < LIMITS.person.attempts; count += 1)
      await expect(signIn.execute(wrong)).rejects.toMatchObject({ code: 'auth.sign_in_failed' });
    await expect(signIn.execute({ ...wrong, password: PASSWORD })).rejects.toMatchObject({
      code: 'auth.too_many_attempts',
      retryAfterSeconds: expect.any(Number),
    });
    await expect(enter(admin)).resolves.toMatchObject({ admin: { id: admin.id } });
  });

  it('lets nobody in who was disabled', async () => {
    const admin = await newAdmin();
    await team.disable(null, admin.id, cause);
    await expect(enter(admin)).rejects.toMatchObject({ code: 'auth.sign_in_failed' });
    await team.enable(null, admin.id, cause);
    await expect(enter(admin)).resolves.toMatchObject({ admin: { id: admin.id } });
  });
});

describe('the team', () => {
  const everybodyElseGoes = () =>
    database.query(`UPDATE auth.admin_user SET disabled_at = now() WHERE role = 'owner' AND disabled_at IS NULL`);
  const ownerOf = ({ id }: AdminRow) => ({ id });

  it('always has somebody who runs it, also when two go at each other at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      await everybodyElseGoes();
      const [one, other] = [await newAdmin('owner'), await newAdmin('owner')];
      const all = await outcomes([
        team.disable(ownerOf(one), other.id, cause),
        team.giveRole(ownerOf(other), one.id, 'support', cause),
      ]);
      expect(all).toEqual(['admin.last_owner', 'ok']);
    }
  });

  it('has nobody who gives more than they have', async () => {
    const [actor, somebody] = [await newAdmin('support'), await newAdmin('support')];
    const reader = { id: actor.id, permissions: { team: 'authorise', merchants: 'read' } } as const;
    await expect(team.giveRole(reader, somebody.id, 'auditor', cause)).rejects.toMatchObject({
      code: 'admin.beyond_your_role',
    });
    const role = { name: 'keeper', description: 'Keeps.', permissions: { ledger: 'read' } } as const;
    await expect(team.makeRole(reader, role, cause)).rejects.toMatchObject({ code: 'admin.beyond_your_role' });
    await expect(
      invitations.invite({ email: 'a@example.com', name: 'A', role: 'support', by: reader }, cause),
    ).rejects.toMatchObject({ code: 'admin.beyond_your_role' });
    await expect(team.giveRole(ownerOf(actor), actor.id, 'owner', cause)).rejects.toMatchObject({
      code: 'admin.yourself',
    });
  });

  it('counts versions up, so that the guard keeps the last', async () => {
    await team.makeRole(null, { name: 'clerk', description: 'Clerks.', permissions: { ledger: 'read' } }, cause);
    await expect(
      team.makeRole(null, { name: 'clerk', description: 'Again.', permissions: {} }, cause),
    ).rejects.toMatchObject({
      code: 'role.name_taken',
    });
    const admin = await newAdmin('clerk');
    const role = { name: 'clerk', description: 'Clerks.', permissions: { ledger: 'manage' } } as const;
    await databases.of('auth').transaction((tx) => team.changeRoleIn(tx, null, role, cause));
    await team.disable(null, admin.id, cause);
    const events = await database.query<{ payload: Record<string, unknown> }>(
      `SELECT payload FROM messaging.outbox WHERE type = 'auth.admin_changed.v1' AND aggregateid = $1 ORDER BY seq`,
      [admin.id],
    );
    expect(events.map(({ payload }) => [payload['version'], payload['permissions'], payload['disabled']])).toEqual([
      [1, { ledger: 'read' }, false],
      [2, { ledger: 'manage' }, false],
      [3, { ledger: 'manage' }, true],
    ]);
  });

  it('invites somebody once: of two who accept at a time one comes in', async () => {
    const { token } = await invitations.invite(
      {
        email: `${newUuid()}@example.com`,
        name: 'A',
        role: 'support',
        by: null,
      },
      cause,
    );
    const accept = () => invitations.accept({ token, password: PASSWORD }, origin(), cause);
    expect(await outcomes([accept(), accept(), accept()])).toEqual([
      'invitation.not_found',
      'invitation.not_found',
      'ok',
    ]);
  });

  it('shuts an invitation that is over', async () => {
    const { token, invitation } = await invitations.invite(
      {
        email: `${newUuid()}@example.com`,
        name: 'A',
        role: 'support',
        by: null,
      },
      cause,
    );
    await database.query('UPDATE auth.admin_invitation SET expires_at = now() WHERE id = $1', [invitation.id]);
    await expect(invitations.accept({ token, password: PASSWORD }, origin(), cause)).rejects.toMatchObject({
      code: 'invitation.not_found',
    });
  });
});
