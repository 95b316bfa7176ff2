import type { Level, OwnSession } from '../generated/index.js';

export type AdminArea = keyof OwnSession['permissions'];
export type { Level };

/** Each includes those before it. */
export const LEVELS: readonly Level[] = ['none', 'read', 'manage', 'authorise'];
export const AREAS: readonly AdminArea[] = [
  'merchants',
  'payments',
  'ledger',
  'routing',
  'reconciliation',
  'webhooks',
  'queues',
  'team',
  'audit',
];

/** The server decides; this only keeps from offering what it would refuse. */
export function may(session: Pick<OwnSession, 'permissions'>, area: AdminArea, level: Level): boolean {
  return LEVELS.indexOf(session.permissions[area] ?? 'none') >= LEVELS.indexOf(level);
}
