/** Built-in roles. They stand in code, so that a part of the admin API that is new is in them from its first day. */
import { ADMIN_AREAS, type AdminArea, type Level, type Permissions } from '../../../kernel/access/permissions.js';

export interface Role {
  readonly name: string;
  readonly description: string;
  readonly permissions: Permissions;
  /** It stays as it is. */
  readonly builtIn: boolean;
}

const everywhere = (level: Level): Permissions =>
  Object.fromEntries(ADMIN_AREAS.map((area): [AdminArea, Level] => [area, level]));

const builtIn = (name: string, description: string, permissions: Permissions): Role => ({
  name,
  description,
  permissions,
  builtIn: true,
});

export const BUILT_IN_ROLES: readonly Role[] = [
  builtIn('owner', 'Everything, and who else may what.', everywhere('authorise')),
  builtIn('operations', 'Keeps payments flowing: gateways, rules, webhooks and queues.', {
    merchants: 'read',
    payments: 'manage',
    ledger: 'read',
    routing: 'manage',
    reconciliation: 'read',
    webhooks: 'manage',
    queues: 'manage',
  }),
  builtIn('finance', 'Books, settlements and breaks, and approves what others propose about them.', {
    merchants: 'read',
    payments: 'manage',
    ledger: 'authorise',
    routing: 'read',
    reconciliation: 'authorise',
    webhooks: 'read',
  }),
  builtIn('support', 'Answers merchants: finds payments, sends webhooks again.', {
    merchants: 'read',
    payments: 'read',
    routing: 'read',
    webhooks: 'manage',
  }),
  builtIn('developer', 'Brings merchants in: their keys and webhooks.', {
    merchants: 'manage',
    payments: 'read',
    routing: 'read',
    webhooks: 'manage',
    queues: 'read',
  }),
  builtIn('auditor', 'Sees everything and changes nothing.', everywhere('read')),
];

export const OWNER = 'owner';
