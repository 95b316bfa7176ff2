import { readEnv, type Env } from '../../../src/config/env.js';
import { findHomes } from '../../../src/kernel/database/homes.js';
import { migrateAll } from '../../../src/kernel/database/migrator.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.js';

const PASSWORD = 'Tr0ub4dor';
const NOBODY = `postgres://someone:${PASSWORD}@127.0.0.1:1/sankofa`;

let main: TestDatabase;
let other: TestDatabase;

beforeAll(async () => {
  main = await createTestDatabase();
  other = await createEmptyDatabase();
});
afterAll(() => Promise.all([main.drop(), other.drop()]));

const envOf = (settings: Readonly<Record<string, string>>): Env => readEnv({ DATABASE_URL: main.url, ...settings });

/** The same database, by an address that reads differently. */
function otherAddressOf(database: TestDatabase): string {
  const url = new URL(database.url);
  url.searchParams.set('application_name', 'somebody');
  return url.href;
}

describe('the databases of an installation', () => {
  it('are one by default, with everybody in it', async () => {
    const { homes, answering } = await findHomes(envOf({}));
    expect(homes).toEqual([
      {
        name: 'main',
        url: main.url,
        setting: 'DATABASE_URL',
        owners: ['kernel', 'payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'],
      },
    ]);
    expect(answering).toEqual(homes);
  });

  it('are as many as there are, whatever the settings call them', async () => {
    const { homes } = await findHomes(
      envOf({
        DATABASE_URL_LEDGER: other.url,
        DATABASE_URL_PAYMENTS: otherAddressOf(main),
        DATABASE_URL_NOTIFICATION: otherAddressOf(other),
      }),
    );
    expect(homes.map(({ name, setting, owners }) => [name, setting, owners])).toEqual([
      ['main', 'DATABASE_URL', ['kernel', 'payments', 'routing', 'reconciliation', 'auth']],
      ['ledger+notification', 'DATABASE_URL_LEDGER', ['ledger', 'notification']],
    ]);
  });

  it('must answer where a hosted module lives in them; said in one line, with the name of the setting', async () => {
    const error: unknown = await findHomes(envOf({ DATABASE_URL_LEDGER: NOBODY })).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/^EnvError: DATABASE_URL_LEDGER: .*ECONNREFUSED/);
    expect(String(error)).not.toContain('\n');
    expect(String(error)).not.toContain(PASSWORD);
    await expect(findHomes(readEnv({ DATABASE_URL: NOBODY }))).rejects.toThrow(/^DATABASE_URL: /);
  });

  it('may be away where the module runs in another process', async () => {
    const { homes, answering } = await findHomes(
      envOf({ DATABASE_URL_LEDGER: NOBODY, DATABASE_URL_AUTH: other.url, MODULES: 'auth' }),
    );
    expect(homes.map(({ name }) => name)).toEqual(['main', 'ledger', 'auth']);
    expect(answering.map(({ name }) => name)).toEqual(['main', 'auth']);
  });

  it('are refused without the one of everything else', () => {
    expect(() => readEnv({ DATABASE_URL_LEDGER: other.url })).toThrow(/^DATABASE_URL must be set/);
  });

  it('are all migrated, each with every schema', async () => {
    const { homes } = await findHomes(envOf({ DATABASE_URL_LEDGER: other.url }));
    const applied = await migrateAll(homes, () => undefined);
    expect(applied['main']).toEqual([]);
    expect(applied['ledger']?.length).toBeGreaterThan(0);
    expect(await other.query(`SELECT to_regclass('payments.payment') AS made`)).toEqual([{ made: 'payments.payment' }]);
  });
});
