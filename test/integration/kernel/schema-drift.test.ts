import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { knownSchemas, NO_DIFFERENCE, schemaDifference } from './schema-diff.js';

/** Relations in schemas that Prisma is not told of, each with its reason. */
const UNMODELLED: Readonly<Record<string, string>> = {
  'public._prisma_migrations': 'the history of migrations, which belongs to the tool that writes it',
};

describe("Prisma's models and the migrated database", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('do not differ', async () => {
    expect(await schemaDifference(database.url)).toBe(NO_DIFFERENCE);
  });

  it('leave no table out because it lies in a schema that Prisma does not look at', async () => {
    const relations = await database.query<{ name: string }>(
      `SELECT relnamespace::regnamespace || '.' || relname AS name FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
          AND relnamespace::regnamespace::text <> ALL ($1) ORDER BY 1`,
      [knownSchemas()],
    );
    expect(relations.map((row) => row.name)).toEqual(Object.keys(UNMODELLED).sort());
  });

  it.each([
    ['a table without a model', 'CREATE TABLE ledger.planted (id uuid PRIMARY KEY)', /Removed tables[^[]*planted/],
    ['a table that is gone', 'DROP TABLE auth.admin_key', /Added tables[^[]*admin_key/],
    [
      'a column without a field',
      'ALTER TABLE messaging.outbox ADD planted text',
      /`outbox`[^]*Removed column `planted`/,
    ],
    ['a column that is gone', 'ALTER TABLE auth.api_key DROP name', /`api_key`[^]*Added column `name`/],
    [
      'a column of another type',
      'ALTER TABLE payments.payment ALTER platform_fee TYPE integer',
      /Altered column `platform_fee` \(type changed\)/,
    ],
    [
      'a type that Prisma does not know, changed',
      'ALTER TABLE messaging.relay_cursor ALTER xid TYPE text',
      /Altered column `xid` \(type changed\)/,
    ],
    [
      'a column that may be null',
      'ALTER TABLE idempotency.key ALTER resource_id DROP NOT NULL',
      /Altered column `resource_id` \(changed from Nullable to Required\)/,
    ],
    [
      'another default',
      `ALTER TABLE routing.payment ALTER state SET DEFAULT 'routed'`,
      /Altered column `state` \(default changed/,
    ],
    [
      'a primary key that is gone',
      'ALTER TABLE messaging.delivery DROP CONSTRAINT delivery_pkey',
      /Added primary key on columns \(consumer, event_id\)/,
    ],
    [
      'a unique constraint that is gone',
      'ALTER TABLE ledger.account DROP CONSTRAINT account_identity',
      /Added unique index on columns \(merchant_id/,
    ],
    ['an index that is gone', 'DROP INDEX payments.attempt_payment', /Added index on columns \(payment_id\)/],
    [
      'an index without a line in its model',
      'CREATE INDEX planted ON payments.payment (gateway)',
      /Removed index on columns \(gateway\)/,
    ],
    [
      'an index in another order',
      'DROP INDEX payments.payment_list; CREATE INDEX payment_list ON payments.payment (merchant_id, livemode, id)',
      /Added index on columns \(merchant_id, livemode, id\)/,
    ],
    [
      'a foreign key without a relation',
      'ALTER TABLE ledger.entry ADD FOREIGN KEY (transfer_id) REFERENCES ledger.transfer',
      /Removed foreign key on columns \(transfer_id\)/,
    ],
    ['an enum without a model', `CREATE TYPE access.planted AS ENUM ('a')`, /Removed enums[^[]*planted/],
  ])('differ by %s, and the difference is found', async (_what, change, expected) => {
    await database.query(change);
    expect(await schemaDifference(database.url)).toMatch(expected);
  });
});
