/** What others were told of breakers. Each statement changes a row only where that is news, so that one of many processes tells it. */
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';

export interface Told {
  /** Of the breaker, for its events. */
  readonly id: string;
  readonly openedAt: Date;
  /** Null: it is open. */
  readonly closedAt: Date | null;
}

const TOLD = `id, opened_at AS "openedAt", closed_at AS "closedAt"`;

const openSql = statement(
  'routing.tell_breaker_open',
  `INSERT INTO routing.breaker AS b (subject, id, gateway_account_id, network, is_open, opened_at) VALUES ($1, $2, $3, $4, true, clock_timestamp())
   ON CONFLICT (subject) DO UPDATE SET is_open = true, opened_at = clock_timestamp(), closed_at = NULL WHERE NOT b.is_open
   RETURNING ${TOLD}`,
);

/** @returns undefined where it was told before */
export async function tellOpen(
  tx: Tx,
  subject: string,
  { accountId, network }: { readonly accountId: string | null; readonly network: string },
): Promise<Told | undefined> {
  return (await tx.query<Told>(openSql, [subject, newUuid(), accountId, network]))[0];
}

const closedSql = statement(
  'routing.tell_breaker_closed',
  `UPDATE routing.breaker SET is_open = false, closed_at = clock_timestamp() WHERE subject = $1 AND is_open RETURNING ${TOLD}`,
);

/** @returns undefined where nobody was told that it is open */
export async function tellClosed(tx: Tx, subject: string): Promise<Told | undefined> {
  return (await tx.query<Told>(closedSql, [subject]))[0];
}
