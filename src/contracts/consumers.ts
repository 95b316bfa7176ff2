/**
 * Who listens to what. It stands here and not in the modules, so that the relay of any process knows every consumer,
 * also those whose module runs elsewhere or is down at the moment. A test holds it equal to what the modules register.
 */
import type { ConsumerDefinition } from '../kernel/outbox/consumer.js';
import { adminKeyCreated, adminKeyRevoked, apiKeyCreated, apiKeyRevoked } from './auth.events.js';
import { paymentActionRequired, paymentCreated, paymentFailed, paymentSucceeded } from './payments.events.js';
import {
  attemptConcluded,
  attemptQuarantined,
  attemptStarted,
  attemptUpdated,
  paymentExhausted,
  paymentRouted,
  surplusCaptured,
} from './routing.events.js';

const types = (...definitions: readonly { readonly type: string }[]): readonly string[] =>
  definitions.map((definition) => definition.type);

export const projectCredentials: ConsumerDefinition = {
  name: 'access.project_credentials',
  module: 'kernel',
  types: types(apiKeyCreated, apiKeyRevoked, adminKeyCreated, adminKeyRevoked),
};

export const routePayments: ConsumerDefinition = {
  name: 'routing.route_payments',
  module: 'routing',
  types: types(paymentCreated),
};

export const applyRouting: ConsumerDefinition = {
  name: 'payments.apply_routing',
  module: 'payments',
  types: types(
    attemptStarted,
    attemptUpdated,
    attemptConcluded,
    paymentRouted,
    paymentExhausted,
    surplusCaptured,
    attemptQuarantined,
  ),
};

export const bookCollections: ConsumerDefinition = {
  name: 'ledger.book_collections',
  module: 'ledger',
  types: types(paymentSucceeded, surplusCaptured, attemptQuarantined),
};

export const notifyMerchants: ConsumerDefinition = {
  name: 'notification.notify_merchants',
  module: 'notification',
  types: types(paymentSucceeded, paymentFailed, paymentActionRequired),
};

export const CONSUMERS: readonly ConsumerDefinition[] = [
  projectCredentials,
  routePayments,
  applyRouting,
  bookCollections,
  notifyMerchants,
];
