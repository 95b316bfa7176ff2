import { statement, type Queryable } from './tx.js';

const nowStatement = statement('kernel.database_now', 'SELECT clock_timestamp() AS now');

/** The time by the database's clock, which all processes share: a process's own may be off by an hour, and nobody notices. */
export async function databaseNow(queryable: Queryable): Promise<Date> {
  const [row] = await queryable.query<{ now: Date }>(nowStatement, []);
  if (row === undefined) throw new Error('The database did not say what time it is');
  return row.now;
}
