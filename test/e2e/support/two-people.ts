/** What takes two people: one asks, another approves. */
import { randomUUID } from 'node:crypto';
import { readEnv } from '../../../src/config/env.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { AdminsStore } from '../../../src/modules/auth/admins/admins.store.js';
import { RolesStore } from '../../../src/modules/auth/admins/roles.store.js';
import { Sessions } from '../../../src/modules/auth/admins/sessions.js';
import { SessionsStore } from '../../../src/modules/auth/admins/sessions.store.js';
import { SetAdmin } from '../../../src/modules/auth/admins/set-admin.js';
import type { ApprovalView } from '../../../src/kernel/approvals/approval-view.js';
import type { ApiAnswer } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { must, Person } from '../../support/person.js';
import type { System } from './system.js';

export type Approval = ApprovalView & { readonly shown_once?: Readonly<Record<string, string>> };

export interface TwoPeople {
  readonly maker: Person;
  readonly checker: Person;
}

const known = new WeakMap<System, Promise<TwoPeople>>();

/** Two owners, made as the command line makes the first ones, signed in with a second factor each. */
export function twoPeople(system: System): Promise<TwoPeople> {
  const there = known.get(system) ?? arrive(system);
  known.set(system, there);
  return there;
}

async function arrive(system: System): Promise<TwoPeople> {
  const [maker, checker] = [await makePerson(system, 'owner'), await makePerson(system, 'owner')];
  await Promise.all([maker.arrive(), checker.arrive()]);
  return { maker, checker };
}

/** Somebody who may sign in, without asking anybody. */
export async function makePerson(system: System, role: string): Promise<Person> {
  const env = readEnv({ ...system.env, NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const databases = new Databases(env, new Logger(env));
  try {
    const sessions = new Sessions(new SessionsStore(databases), new RolesStore(databases), new SessionCache(databases));
    const [email, password] = [`${role}.${randomUUID()}@example.com`, `a long pass phrase ${randomUUID()}`];
    const admin = { email, password, name: 'Ama Mensah', role };
    await new SetAdmin(new AdminsStore(databases), sessions).execute(admin, { correlationId: 'req_test' });
    return new Person(system.urlOf, email, password);
  } finally {
    await databases.close();
  }
}

/** Has one person ask and another approve, and waits until it is done, or has failed. */
export async function approved(
  system: System,
  ask: (maker: Person) => Promise<ApiAnswer<Approval>>,
  people?: TwoPeople,
): Promise<Approval> {
  const { maker, checker } = people ?? (await twoPeople(system));
  const asked = must(await ask(maker), 202).body;
  return approve(checker, asked.id);
}

export async function approve(checker: Person, id: string): Promise<Approval> {
  const path = `/admin/v1/approvals/${id}`;
  await eventually(async () => void must(await checker.get(path), 200));
  let answer = await checker.post<Approval>(`${path}/approve`, {});
  if (answer.status === 403 && answer.text.includes('auth.step_up_required')) {
    await checker.prove();
    answer = await checker.post<Approval>(`${path}/approve`, {});
  }
  const { shown_once: shownOnce } = must(answer, 200).body;
  const done = await eventually(async () => {
    const { body } = must(await checker.get<Approval>(path), 200);
    if (body.state === 'approved') throw new Error('it is not carried out yet');
    return body;
  });
  return { ...done, ...(shownOnce === undefined ? {} : { shown_once: shownOnce }) };
}
