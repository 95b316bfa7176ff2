/** Two people who may do everything, each with a second factor and a session. */
import { readEnv } from '../../../src/config/env.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { AdminsStore } from '../../../src/modules/auth/admins/admins.store.js';
import { RolesStore } from '../../../src/modules/auth/admins/roles.store.js';
import { Sessions } from '../../../src/modules/auth/admins/sessions.js';
import { SessionsStore } from '../../../src/modules/auth/admins/sessions.store.js';
import { SetAdmin } from '../../../src/modules/auth/admins/set-admin.js';
import { eventually } from '../../support/eventually.js';
import { Person } from '../../support/person.js';

export interface Operators {
  readonly maker: Person;
  readonly checker: Person;
}

const ARRIVE_TIMEOUT_MS = 60_000;
const PASSWORD = 'a long pass phrase for a simulation';

/** Before anything is disturbed: a sign-in that is lost would have to wait for another code. @param urlOf some process that answers */
export async function createOperators(databaseUrl: string, urlOf: () => string): Promise<Operators> {
  const people = { maker: 'maker@example.com', checker: 'checker@example.com' };
  const env = readEnv({ DATABASE_URL: databaseUrl, NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const databases = new Databases(env, new Logger(env));
  try {
    const sessions = new Sessions(new SessionsStore(databases), new RolesStore(databases), new SessionCache(databases));
    const set = new SetAdmin(new AdminsStore(databases), sessions);
    for (const email of Object.values(people))
      await set.execute({ email, password: PASSWORD, name: email, role: 'owner' }, { correlationId: 'req_simulation' });
  } finally {
    await databases.close();
  }
  return { maker: await arrived(urlOf, people.maker), checker: await arrived(urlOf, people.checker) };
}

async function arrived(urlOf: () => string, email: string): Promise<Person> {
  return eventually(
    async () => {
      const person = new Person(urlOf, email, PASSWORD);
      await person.arrive();
      return person;
    },
    { timeoutMs: ARRIVE_TIMEOUT_MS },
  );
}
