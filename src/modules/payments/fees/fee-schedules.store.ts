/** Fee schedules in PostgreSQL: written once, never changed. */
import type { Database } from '../../../kernel/database/database.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import type { DataVersionRow } from '../../../kernel/http/data-versions.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { ScheduleContent } from './fee-schedule.js';

export interface ScheduleRow extends DataVersionRow {
  readonly seq: bigint;
}

const COLUMNS = `id, seq, merchant_id AS "merchantId", version, content, valid_from AS "validFrom", note, created_by AS "createdBy", created_at AS "createdAt"`;

/** Versions and seq are counted one at a time: whoever does it holds this lock until the commit. Any number of our own. */
const SCHEDULES_LOCK = 7_261_032;

const lockStatement = statement('payments.lock_fee_schedules', 'SELECT pg_advisory_xact_lock($1)');

/* Two branches, because only `=` and IS NULL can use the index: IS NOT DISTINCT FROM cannot. */
const insertStatement = statement(
  'payments.insert_fee_schedule',
  `INSERT INTO payments.fee_schedule (id, merchant_id, version, content, valid_from, note, created_by)
   SELECT $1, $2, coalesce((SELECT version FROM payments.fee_schedule
     WHERE merchant_id = $2 OR $2::uuid IS NULL AND merchant_id IS NULL ORDER BY version DESC LIMIT 1), 0) + 1,
     $3, coalesce($4::timestamptz, clock_timestamp()), $5, $6
   WHERE $4::timestamptz IS NULL OR $4::timestamptz > now()
   RETURNING ${COLUMNS}`,
);

export interface NewSchedule {
  readonly merchantId: string | null;
  readonly content: ScheduleContent;
  /** Undefined: from now on. */
  readonly validFrom: Date | undefined;
  readonly note: string;
  readonly createdBy: string;
}

/** @returns undefined where it were to be in force in the past */
export function insertSchedule(database: Database, schedule: NewSchedule): Promise<ScheduleRow | undefined> {
  return database.transaction(async (tx: Tx) => {
    await tx.query(lockStatement, [SCHEDULES_LOCK]);
    const [row] = await tx.query<ScheduleRow>(insertStatement, [
      newUuid(),
      schedule.merchantId,
      JSON.stringify(schedule.content),
      schedule.validFrom?.toISOString() ?? null,
      schedule.note,
      schedule.createdBy,
    ]);
    return row;
  });
}

const sinceStatement = statement(
  'payments.fee_schedules_since',
  `SELECT ${COLUMNS} FROM payments.fee_schedule WHERE seq > $1 ORDER BY seq LIMIT $2`,
);

/** Those that were made after what had been read. */
export function schedulesSince(database: Database, seq: bigint, most: number): Promise<ScheduleRow[]> {
  return database.query<ScheduleRow>(sinceStatement, [seq, most]);
}

/** Newest first. */
export function listSchedules(
  database: Database,
  filter: {
    readonly merchantId: string | null | undefined;
    readonly after: string | undefined;
    readonly before: string | undefined;
    readonly take: number;
  },
): Promise<ScheduleRow[]> {
  const { merchantId, after, before, take } = filter;
  const isBackwards = after === undefined && before !== undefined;
  return database.prisma.paymentFeeSchedule.findMany({
    where: {
      ...(merchantId === undefined ? {} : { merchantId }),
      ...(after === undefined ? {} : { id: { lt: after } }),
      ...(isBackwards ? { id: { gt: before } } : {}),
    },
    orderBy: { id: isBackwards ? 'asc' : 'desc' },
    take,
  });
}

export async function findSchedule(database: Database, id: string): Promise<ScheduleRow | undefined> {
  return (await database.prisma.paymentFeeSchedule.findUnique({ where: { id } })) ?? undefined;
}
