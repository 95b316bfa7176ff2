/** What an admin (a person, or a key of /admin/v1) may do: a level in each area. */
import { z } from 'zod';
import { DomainError } from '../errors/domain-error.js';

/** Parts of /admin/v1. */
export const ADMIN_AREAS = [
  'merchants',
  'payments',
  'ledger',
  'routing',
  'reconciliation',
  'webhooks',
  'queues',
  'team',
  'audit',
] as const;
export type AdminArea = (typeof ADMIN_AREAS)[number];

/** Each includes those before it. */
export const LEVELS = ['none', 'read', 'manage', 'authorise'] as const;
export type Level = (typeof LEVELS)[number];
/** What a request can ask for. */
export type WantedLevel = Exclude<Level, 'none'>;

/** An area that is left out is none. */
export type Permissions = Readonly<Partial<Record<AdminArea, Level>>>;

/** As they are written. */
export const permissions = z.partialRecord(z.enum(ADMIN_AREAS), z.enum(LEVELS));

const written = z.record(z.string(), z.unknown());

/** As they were written, by another version perhaps: an area or level that this one does not know grants nothing here. */
export function readPermissions(value: unknown): Permissions {
  const entries = Object.entries(written.parse(value));
  return Object.fromEntries(entries.filter(([area, level]) => permissions.safeParse({ [area]: level }).success));
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request needs where its handler asks for nothing else. */
export function levelFor(method: string): WantedLevel {
  return READING.has(method) ? 'read' : 'manage';
}

/** @param granted undefined: everything */
export function isPermitted(granted: Permissions | undefined, area: AdminArea, wanted: WantedLevel): boolean {
  return granted === undefined || rank(granted[area]) >= rank(wanted);
}

/** @throws {DomainError} auth.missing_permission */
export function mustBeAllowed(granted: Permissions | undefined, area: AdminArea, wanted: WantedLevel): void {
  if (!isPermitted(granted, area, wanted))
    throw new DomainError('auth.missing_permission', { detail: `You may not ${wanted} ${area}.` });
}

/** Whether `some` grants nothing that `all` does not. Undefined: everything. */
export function isWithin(some: Permissions | undefined, all: Permissions | undefined): boolean {
  if (all === undefined) return true;
  return some !== undefined && ADMIN_AREAS.every((area) => rank(some[area]) <= rank(all[area]));
}

function rank(level: Level | undefined): number {
  return level === undefined ? 0 : LEVELS.indexOf(level);
}
