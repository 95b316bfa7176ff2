import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement } from '../../../kernel/database/tx.js';

/** No more than one beyond the limit is counted: who goes on trying must not shut anybody out for longer. */
const countAttempt = statement(
  'auth.count_attempt',
  `WITH clock AS (
     SELECT to_timestamp(floor(extract(epoch FROM now()) / $2::int) * $2::int) AS window_start
   ), counted AS (
     INSERT INTO auth.attempt_count AS c (subject, window_start, attempts)
     SELECT $1, window_start, 1 FROM clock
     ON CONFLICT (subject, window_start) DO UPDATE SET attempts = LEAST(c.attempts + 1, $3::int + 1)
     RETURNING attempts, window_start
   )
   SELECT counted.attempts AS current, COALESCE(before.attempts, 0) AS previous,
          extract(epoch FROM now() - counted.window_start)::float8 AS "elapsedSeconds"
     FROM counted LEFT JOIN auth.attempt_count before
       ON before.subject = $1 AND before.window_start = counted.window_start - make_interval(secs => $2::int)`,
);
const forgetAttempts = statement('auth.forget_attempts', 'DELETE FROM auth.attempt_count WHERE subject = $1');
const forgetOlder = statement(
  'auth.forget_older_attempts',
  'DELETE FROM auth.attempt_count WHERE window_start < now() - make_interval(secs => $1)',
);

export interface Counted {
  /** In this window, this one included. */
  readonly current: number;
  /** In the window before. */
  readonly previous: number;
  /** Of this window. */
  readonly elapsedSeconds: number;
}

@Injectable()
export class ThrottleStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** Counts one more. */
  async count(subject: Buffer, windowSeconds: number, limit: number): Promise<Counted> {
    const [row] = await this.database.query<Counted>(countAttempt, [subject, windowSeconds, limit]);
    if (row === undefined) throw new Error('An INSERT ... RETURNING gave no row');
    return row;
  }

  async forget(subject: Buffer): Promise<void> {
    await this.database.query(forgetAttempts, [subject]);
  }

  async forgetOlder(seconds: number): Promise<void> {
    await this.database.query(forgetOlder, [seconds]);
  }
}
