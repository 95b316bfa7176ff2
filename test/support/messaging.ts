/** What tests of e-mail and SMS share. */
import type { TestDatabase } from './database.js';
import type { Messaging } from './program.js';

/** Settings of both channels, as whoever runs a sandbox has them. */
export function messagingSettings({ africastalking, smtp }: Messaging): Readonly<Record<string, string>> {
  return {
    SMTP_URL: smtp,
    MAIL_FROM: 'Sankofa <payments@example.com>',
    AFRICASTALKING_USERNAME: 'sandbox',
    AFRICASTALKING_API_KEY: 'atsk_sandbox_africastalking',
    AFRICASTALKING_URL: africastalking,
  };
}

/**
 * Every row of tables, as text: what is nowhere in it is nowhere in the database.
 * @param patterns of `schema.table`, as LIKE has them; without any, all tables there are
 */
export async function everythingIn(database: TestDatabase, ...patterns: readonly string[]): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
       AND (cardinality($1::text[]) = 0 OR table_schema || '.' || table_name LIKE ANY ($1::text[]))`,
    [patterns],
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}
