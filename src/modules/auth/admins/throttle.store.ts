import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement } from '../../../kernel/database/tx.js';

const countAttempt = statement(
  'auth.count_attempt',
  `INSERT INTO auth.attempt_count AS c (subject, window_start, attempts)
   VALUES ($1, to_timestamp(floor(extract(epoch FROM now()) / $2::int) * $2::int), 1)
   ON CONFLICT (subject, window_start) DO UPDATE SET attempts = c.attempts + 1
   RETURNING attempts, ceil(extract(epoch FROM window_start) + $2::int - extract(epoch FROM now()))::int AS "secondsLeft"`,
);
const forgetAttempts = statement('auth.forget_attempts', 'DELETE FROM auth.attempt_count WHERE subject = $1');
const forgetOlder = statement(
  'auth.forget_older_attempts',
  'DELETE FROM auth.attempt_count WHERE window_start < now() - make_interval(secs => $1)',
);

@Injectable()
export class ThrottleStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** @returns how many there were in this window, this one included, and how long it lasts */
  async count(
    subject: Buffer,
    windowSeconds: number,
  ): Promise<{ readonly attempts: number; readonly secondsLeft: number }> {
    const values = [subject, windowSeconds];
    const [row] = await this.database.query<{ attempts: number; secondsLeft: number }>(countAttempt, values);
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
