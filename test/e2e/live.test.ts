/** Windows of the back-office are told where something happens, and keep no session alive by listening. */
import { decodeId } from '../../src/kernel/ids/ids.js';
import { eventually } from '../support/eventually.js';
import { must, type Person } from '../support/person.js';
import { describeInEachMode } from './support/modes.js';
import { pay } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { makePerson } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const LIVE = '/admin/v1/live';

interface Listening {
  /** What has come so far. */
  text(): string;
  /** Resolves when the server ends it. */
  readonly ended: Promise<void>;
  stop(): void;
}

describeInEachMode('A window that listens', (mode) => {
  let system: System;
  let owner: Person;
  beforeAll(async () => {
    system = await startSystem({ ...mode });
    owner = await makePerson(system, 'owner');
    await owner.arrive();
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  async function listen(person: Person): Promise<Listening> {
    const aborted = new AbortController();
    const { headers } = person;
    const response = await fetch(system.urlOf(LIVE) + LIVE, { headers, signal: aborted.signal });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    let text = '';
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    };
    const ended = read().catch(() => undefined);
    return { text: () => text, ended, stop: () => aborted.abort() };
  }

  const modulesIn = (text: string): ReadonlySet<string> =>
    new Set(
      Array.from(
        text.matchAll(/event: changed\ndata: (.+)\n\n/g),
        ([, data = '{}']) => (JSON.parse(data) as { modules: string[] }).modules,
      ).flat(),
    );

  it(
    'hears of the modules that its person may read, and of no others',
    async () => {
      const supporter = await makePerson(system, 'support');
      await supporter.arrive();
      const [all, little] = [await listen(owner), await listen(supporter)];
      await pay(system);
      await eventually(() => {
        expect([...modulesIn(all.text())]).toEqual(expect.arrayContaining(['payments', 'routing', 'ledger']));
      });
      await pay(system);
      all.stop();
      little.stop();
      const heard = [...modulesIn(little.text())];
      expect(heard).toContain('payments');
      expect(heard.filter((module) => module === 'ledger' || module === 'reconciliation')).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps no session alive, nor do questions that nobody asks; what somebody asks does',
    async () => {
      const session = must(await owner.get<{ id: string }>('/admin/v1/session'), 200).body;
      const id = decodeId('session', session.id);
      const kernel = system.database;
      const lastSeen = async (): Promise<number> => {
        const [row] = await kernel.query<{ ago: number }>(
          'SELECT extract(epoch FROM now() - last_seen_at)::float8 AS ago FROM access.session WHERE session_id = $1',
          [id],
        );
        return row?.ago ?? 0;
      };
      await kernel.query(
        `UPDATE access.session SET last_seen_at = now() - interval '14 minutes' WHERE session_id = $1`,
        [id],
      );
      const listening = await listen(owner);
      const path = '/admin/v1/dead_letters';
      const headers = { ...owner.headers, 'x-unattended': '1' };
      expect((await fetch(system.urlOf(path) + path, { headers })).status).toBe(200);
      expect(await lastSeen()).toBeGreaterThan(800);
      // What was answered a moment ago is remembered, and is no use of its own.
      await eventually(async () => {
        must(await owner.get(path), 200);
        expect(await lastSeen()).toBeLessThan(60);
      });
      listening.stop();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'hears that its session is over, and nothing after that',
    async () => {
      const person = await makePerson(system, 'support');
      await person.arrive();
      const listening = await listen(person);
      must(await person.delete('/admin/v1/session'), 204);
      await listening.ended;
      expect(listening.text()).toMatch(/event: over\ndata: \{\}\n\n$/);
    },
    TEST_TIMEOUT_MS,
  );

  it('is for people: nobody else hears anything', async () => {
    const without = await fetch(system.urlOf(LIVE) + LIVE);
    expect(without.status).toBe(401);
    for (const client of [system.admin, system.merchant]) expect((await client.get(LIVE)).status).toBe(403);
  });

  it(
    'does not keep the program from ending',
    async () => {
      const listening = await listen(owner);
      await system.stop();
      await listening.ended;
      expect(listening.text()).toContain(': here');
    },
    TEST_TIMEOUT_MS,
  );
});
