/** All events, for documentation and for checks at edges. */
import { keysUsed } from '../kernel/access/key-use.js';
import { approvalEvents } from '../kernel/approvals/approvals.events.js';
import { accessEvents } from '../kernel/audit/audit.events.js';
import { authEvents } from './auth.events.js';
import { ledgerEvents } from './ledger.events.js';
import { notificationEvents } from './notification.events.js';
import { paymentsEvents } from './payments.events.js';
import { reconciliationEvents } from './reconciliation.events.js';
import { routingEvents } from './routing.events.js';

export const ALL_EVENTS = [
  ...paymentsEvents,
  ...routingEvents,
  ...ledgerEvents,
  ...notificationEvents,
  ...reconciliationEvents,
  ...authEvents,
  ...accessEvents,
  ...approvalEvents,
  keysUsed,
] as const;
