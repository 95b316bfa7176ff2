/** Maintenance windows in PostgreSQL: configuration, so Prisma. They are canceled, never deleted: why nothing was sent must stay known. */
import type { Database } from '../../../kernel/database/database.js';
import { newUuid } from '../../../kernel/ids/ids.js';

/** A window as planning uses it. */
export interface Window {
  readonly id: string;
  readonly gatewayAccountId: string | null;
  readonly gateway: string | null;
  /** Null: every network. */
  readonly network: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** Windows that are kept in memory, those that end first; every attempt asks them all. */
export const MAX_WINDOWS = 200;

/** Those that have not ended and were not canceled. */
export async function loadWindows(database: Database): Promise<readonly Window[]> {
  const rows = await database.prisma.maintenanceWindow.findMany({
    where: { canceledAt: null, endsAt: { gt: new Date() } },
    orderBy: { endsAt: 'asc' },
    take: MAX_WINDOWS,
  });
  return rows.map((row) => ({
    id: row.id,
    gatewayAccountId: row.gatewayAccountId,
    gateway: row.gateway,
    network: row.network,
    startsAtMs: row.startsAt.getTime(),
    endsAtMs: row.endsAt.getTime(),
  }));
}

export interface NewWindow {
  readonly gatewayAccountId: string | null;
  readonly gateway: string | null;
  readonly network: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly reason: string;
  readonly createdBy: string;
}

const withAccount = { gatewayAccount: { select: { gateway: true, name: true } } } as const;

export async function insertWindow(database: Database, window: NewWindow): Promise<WindowRow> {
  return database.prisma.maintenanceWindow.create({ data: { id: newUuid(), ...window }, include: withAccount });
}

export async function countWindowsAhead(database: Database): Promise<number> {
  return database.prisma.maintenanceWindow.count({ where: { canceledAt: null, endsAt: { gt: new Date() } } });
}

async function read(database: Database, id: string) {
  return database.prisma.maintenanceWindow.findUnique({ where: { id }, include: withAccount });
}

export type WindowRow = NonNullable<Awaited<ReturnType<typeof read>>>;

export async function findWindow(database: Database, id: string): Promise<WindowRow | undefined> {
  return (await read(database, id)) ?? undefined;
}

/** The newest first. `current`: not canceled, and not over. */
export async function listWindows(
  database: Database,
  filter: { limit: number; before?: string | undefined; after?: string | undefined; currentOnly: boolean },
): Promise<WindowRow[]> {
  const isBackwards = filter.before === undefined && filter.after !== undefined;
  return database.prisma.maintenanceWindow.findMany({
    where: {
      ...(filter.currentOnly ? { canceledAt: null, endsAt: { gt: new Date() } } : {}),
      ...(filter.before === undefined ? {} : { id: { lt: filter.before } }),
      ...(filter.before === undefined && filter.after !== undefined ? { id: { gt: filter.after } } : {}),
    },
    include: withAccount,
    orderBy: { id: isBackwards ? 'asc' : 'desc' },
    take: filter.limit,
  });
}

/** @returns whether it was there, and not canceled */
export async function changeWindow(
  database: Database,
  id: string,
  change: { readonly endsAt?: Date; readonly reason?: string },
): Promise<boolean> {
  const { count } = await database.prisma.maintenanceWindow.updateMany({
    where: { id, canceledAt: null },
    data: { ...change },
  });
  return count > 0;
}

/** @returns whether it was there, and not canceled before */
export async function cancelWindow(database: Database, id: string, by: string): Promise<boolean> {
  const { count } = await database.prisma.maintenanceWindow.updateMany({
    where: { id, canceledAt: null },
    data: { canceledAt: new Date(), canceledBy: by },
  });
  return count > 0;
}
