/** What admins do stands in the audit log, on the built program: before it is done, and with what came of it. */
import { createHash, randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { eventually } from '../support/eventually.js';
import { must, Person, type OwnSession } from '../support/person.js';
import { describeInEachMode } from './support/modes.js';
import { startSystem, type System } from './support/system.js';
import { approve, twoPeople, type Approval } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;

interface Entry {
  readonly id: string;
  readonly seq: string;
  readonly type: string;
  readonly actor: string | null;
  readonly request_id: string;
  readonly subject_id: string;
  readonly route: string | null;
  readonly status: number | null;
  readonly details: Readonly<Record<string, unknown>>;
}

describeInEachMode('The audit log', (mode) => {
  let system: System;
  let owner: Person;
  let own: OwnSession;
  beforeAll(async () => {
    system = await startSystem(mode);
    owner = new Person(system.urlOf, system.adminEmail, system.adminPassword);
    await owner.arrive();
    own = must(await owner.get<OwnSession>('/admin/v1/session'), 200).body;
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const entries = async (query: string): Promise<readonly Entry[]> =>
    must(await owner.get<{ data: Entry[] }>(`/admin/v1/audit_entries?${query}`), 200).body.data;

  /** All that is told of a request, the first first. */
  /** @param kind how the types begin of which there must be as many */
  const storyOf = async (requestId: string, count: number, kind = ''): Promise<readonly Entry[]> => {
    let found: readonly Entry[] = [];
    await eventually(async () => {
      found = (await entries(`request_id=${requestId}`)).filter(({ type }) => type.startsWith(kind));
      expect(found.length).toBeGreaterThanOrEqual(count);
    });
    return found.toReversed();
  };

  it(
    'tells of what a person changes, by whom, what with and what came of it',
    async () => {
      const body = { name: `Merchant ${randomUUID()}`, platform_fee_bps: 25 };
      const answer = must(await owner.post<{ id: string }>('/admin/v1/merchants', body), 201);
      const story = await storyOf(answer.headers.get('request-id') ?? '', 3);
      const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
      const act = { actor: own.admin.id, route: '/admin/v1/merchants', subject_id: expect.any(String) };
      expect(story.filter(({ type }) => type.startsWith('access.'))).toMatchObject([
        { type: 'access.admin_asked.v1', ...act, status: null, details: { method: 'POST', body_sha256: sha256 } },
        { type: 'access.admin_answered.v1', ...act, status: 201, details: { code: null, address: '127.0.0.1' } },
      ]);
      expect(story.map(({ type }) => type)).toContain('auth.merchant_created.v1');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tells of what failed and what was refused, of keys as of people, and nothing of what was only read',
    async () => {
      const failed = await system.admin.post('/admin/v1/dead_letters/x/replay', {});
      expect(failed.status).toBeGreaterThanOrEqual(400);
      const [asked, answered] = await storyOf(failed.headers.get('request-id') ?? '', 2);
      expect(asked).toMatchObject({
        type: 'access.admin_asked.v1',
        details: { session_id: null, parameters: { event_id: 'x' } },
      });
      expect(answered).toMatchObject({
        type: 'access.admin_answered.v1',
        status: failed.status,
        details: { code: failed.body['code'] },
      });

      const email = `auditor.${randomUUID()}@example.com`;
      const { checker } = await twoPeople(system);
      const ask = await owner.post<Approval>('/admin/v1/invitations', { email, name: 'Yaw', role: 'support' });
      const askedFor = await storyOf(must(ask, 202).headers.get('request-id') ?? '', 3);
      expect(askedFor.map(({ type }) => type)).toContain('access.approval_asked.v1');
      const { shown_once: shown, decided_by: by } = await approve(checker, ask.body.id);
      const invited = await eventually(async () => {
        const [found] = await entries('type=auth.admin_invited.v1&limit=1');
        if (found?.details['email'] !== email) throw new Error('it is not in the log yet');
        return found;
      });
      expect(invited.details).toMatchObject({ email, role: 'support' });
      const decided = await storyOf(invited.request_id, 4);
      expect(decided.find(({ type }) => type === 'auth.approval_granted.v1')?.details).toMatchObject({
        kind: 'auth.invite_admin',
      });
      expect(decided.find(({ type }) => type === 'access.admin_asked.v1')).toMatchObject({ actor: by });
      const yaw = new Person(system.urlOf, email, `a long pass phrase ${randomUUID()}`);
      const token = new URL(shown?.['accept_url'] ?? '').hash.slice(1);
      must(await yaw.post('/admin/v1/invitations/accept', { token, password: yaw.password }), 200);
      const wrong = await new Person(system.urlOf, email, 'not the password at all').signIn();
      expect(wrong.status).toBe(401);
      const [refusedEntry] = await storyOf(wrong.headers.get('request-id') ?? '', 1);
      expect(refusedEntry).toMatchObject({ type: 'auth.sign_in_refused.v1', details: { reason: 'wrong_password' } });

      await yaw.arrive();
      const { id } = must(await yaw.get<OwnSession>('/admin/v1/session'), 200).body.admin;
      const read = must(await yaw.get('/admin/v1/merchants'), 200);
      const refused = await yaw.get('/admin/v1/audit_entries');
      expect(refused.status).toBe(403);
      const again = await yaw.get('/admin/v1/audit_entries');
      expect(again.status).toBe(403);
      const [entry] = await storyOf(refused.headers.get('request-id') ?? '', 1);
      expect(entry).toMatchObject({
        type: 'access.admin_refused.v1',
        actor: id,
        route: '/admin/v1/audit_entries',
        status: 403,
        details: { method: 'GET', code: 'auth.missing_permission' },
      });
      for (const { headers } of [read, again])
        expect(await entries(`request_id=${headers.get('request-id') ?? ''}`)).toEqual([]);
      const theirs = await entries(`actor=${id}&type=access.admin_refused.v1`);
      expect(theirs.map((each) => each.id)).toEqual([entry?.id]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'holds nothing from which a password or a card number could be guessed',
    async () => {
      const change = { current_password: owner.password, new_password: `a new long pass phrase ${randomUUID()}` };
      const password = must(await owner.post('/admin/v1/session/password', change), 204);
      const card = '4242424242424242';
      const named = await owner.post('/admin/v1/merchants', { name: card, platform_fee_bps: 0 });
      expect(named.status).toBe(422);
      const inPath = await owner.delete(`/admin/v1/api_keys/${card}`);
      expect(inPath.status).toBe(404);
      const { cookie, csrf } = owner;
      owner.csrf = undefined;
      const forged = await owner.post('/admin/v1/session/password', change);
      owner.csrf = csrf;
      expect([forged.status, owner.cookie]).toEqual([403, cookie]);
      for (const [answer, count] of [
        [password, 2],
        [named, 2],
        [inPath, 2],
        [forged, 1],
      ] as const) {
        const acts = await storyOf(answer.headers.get('request-id') ?? '', count, 'access.');
        expect(acts).toHaveLength(count);
        for (const { details } of acts) expect(details['body_sha256']).toBeNull();
        expect(JSON.stringify(acts)).not.toContain(card);
      }
      owner.password = change.new_password;
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is read page by page and as CSV, with the same filters, and holds',
    async () => {
      for (let count = 0; count < 3; count += 1)
        must(await owner.post('/admin/v1/session/prove', { recovery_code: owner.recoveryCodes[count] ?? '' }), 200);
      const query = `actor=${own.admin.id}&route=/admin/v1/session/prove`;
      await eventually(async () => expect(await entries(query)).toHaveLength(6));
      const all = await entries(query);
      const pages = [];
      for (let after = ''; ;) {
        const page = must(
          await owner.get<{ data: Entry[]; has_more: boolean }>(
            `/admin/v1/audit_entries?${query}&limit=2${after === '' ? '' : `&starting_after=${after}`}`,
          ),
          200,
        ).body;
        pages.push(...page.data);
        after = page.data.at(-1)?.id ?? '';
        if (!page.has_more) break;
      }
      expect(pages).toEqual(all);
      const csv = must(await owner.get(`/admin/v1/audit_entries?${query}&format=csv`), 200);
      const rows = parse<Record<string, string>>(csv.text, { columns: true });
      expect(rows.map((row) => [row['id'], row['actor'], row['status']])).toEqual(
        all.map(({ id, actor, status }) => [id, actor, status === null ? '' : String(status)]),
      );

      const verdict = must(
        await owner.post<{ holds: boolean; head: string; entries: number }>('/admin/v1/audit_entries/verify', {}),
        200,
      ).body;
      expect(verdict).toMatchObject({ holds: true, problems: [] });
      expect(verdict.entries).toBeGreaterThan(10);
      await system.databaseOf('auth').query('ALTER TABLE auth.audit_entry DISABLE TRIGGER USER');
      await system.databaseOf('auth').query(`UPDATE auth.audit_entry SET content = content || ' ' WHERE seq = 2`);
      const after = must(await owner.post('/admin/v1/audit_entries/verify', { head: verdict.head }), 200).body;
      expect(after).toMatchObject({
        holds: false,
        problems: expect.arrayContaining([{ seq: '2', problem: 'altered' }]),
      });
    },
    TEST_TIMEOUT_MS,
  );
});
