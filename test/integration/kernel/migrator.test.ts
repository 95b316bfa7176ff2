import { readFile, readdir } from 'node:fs/promises';
import pg from 'pg';
import { migrate, MigrationError } from '../../../src/kernel/database/migrator.js';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.js';

const quiet = (): void => undefined;

describe('the migrator', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  it('applies every migration once, in order, and records them as Prisma Migrate does', async () => {
    const names = (await readdir('prisma/migrations', { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect((await migrate(database.url, quiet)).applied).toEqual(names.sort());
    expect((await migrate(database.url, quiet)).applied).toEqual([]);
    const rows = await database.query<{ migration_name: string; checksum: string; finished: boolean }>(
      'SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY migration_name',
    );
    expect(rows.map((row) => row.migration_name)).toEqual(names);
    for (const row of rows) {
      expect(row.finished).toBe(true);
      expect(row.checksum).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('lets several processes start at once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate(database.url, quiet)));
    expect(runs.filter((run) => run.applied.length > 0)).toHaveLength(1);
  });

  it('refuses a migration that was changed after it had been applied', async () => {
    await migrate(database.url, quiet);
    await database.query(
      `UPDATE _prisma_migrations SET checksum = repeat('0', 64) WHERE migration_name LIKE '%_ledger'`,
    );
    await expect(migrate(database.url, quiet)).rejects.toThrow(/was changed after it had been applied/);
  });

  it('tells a user who may not create roles what an administrator must run', async () => {
    const user = `limited_${database.name}`;
    await database.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x'`);
    try {
      const url = new URL(database.url);
      url.username = user;
      url.password = 'x';
      await database.query(`GRANT ALL ON DATABASE ${database.name} TO ${user}`);
      await database.query(`GRANT ALL ON SCHEMA public TO ${user}`);
      const error: unknown = await migrate(url.href, quiet).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(MigrationError);
      expect(String(error)).toContain(`GRANT sankofa_ledger TO ${pg.escapeIdentifier(user)};`);
      expect(await database.query(`SELECT to_regclass('messaging.outbox') AS made`)).toEqual([{ made: null }]);
    } finally {
      await database.query(`DROP OWNED BY ${user}`);
      await database.query(`DROP ROLE ${user}`);
    }
  });

  it('leaves nothing of a migration that fails', async () => {
    await database.query('CREATE SCHEMA ledger; CREATE TABLE ledger.account (id int)');
    await expect(migrate(database.url, quiet)).rejects.toThrow(MigrationError);
    expect(await database.query(`SELECT to_regclass('messaging.outbox') AS made`)).toEqual([{ made: null }]);
    expect(await database.query('SELECT * FROM _prisma_migrations')).toEqual([]);
  });

  it('keeps the lock file that Prisma Migrate wants', async () => {
    expect(await readFile('prisma/migrations/migration_lock.toml', 'utf8')).toContain('provider = "postgresql"');
  });
});
