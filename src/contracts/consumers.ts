/**
 * Who listens to what. It stands here and not in the modules, so that the relay of any process knows every consumer,
 * also those whose module runs elsewhere or is down at the moment. A test holds it equal to what the modules register.
 */
import { keysUsed } from '../kernel/access/key-use.js';
import { approvalAsked, approvalCarriedOut, approvalEvents } from '../kernel/approvals/approvals.events.js';
import { accessEvents } from '../kernel/audit/audit.events.js';
import type { ConsumerDefinition } from '../kernel/outbox/consumer.js';
import {
  authEvents,
  accountSecured,
  adminChanged,
  adminInvited,
  adminKeyCreated,
  adminKeyRevoked,
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRolled,
  approvalGranted,
  merchantLimitsChanged,
  merchantMemberChanged,
  merchantMemberRemoved,
  sessionEnded,
  sessionProved,
  sessionStarted,
} from './auth.events.js';
import { accountDrifted, holdPlaced, holdRefused, obligationsTold, transfersPosted } from './ledger.events.js';
import {
  paymentActionRequired,
  paymentCreated,
  paymentFailed,
  paymentSucceeded,
  payoutCreated,
  payoutFailed,
  payoutFunded,
  payoutReturned,
  payoutSucceeded,
  refundCreated,
  refundFailed,
  refundFunded,
  refundReturned,
  refundSucceeded,
} from './payments.events.js';
import {
  adjustmentApproved,
  attemptQuestioned,
  capturesProved,
  coverageJudged,
  dayReported,
  listingRequested,
  listingWithdrawn,
  obligationsRequested,
  settlementReceived,
} from './reconciliation.events.js';
import {
  attemptConcluded,
  attemptQuarantined,
  attemptStarted,
  attemptUpdated,
  balancesListed,
  breakerClosed,
  breakerOpened,
  disbursementAttempted,
  disbursementDuplicated,
  disbursementFailed,
  disbursementQuarantined,
  disbursementRecovered,
  disbursementReturned,
  disbursementSucceeded,
  listingEnded,
  paymentExhausted,
  paymentRouted,
  settlementsListed,
  surplusCaptured,
  transactionsListed,
} from './routing.events.js';

const types = (...definitions: readonly { readonly type: string }[]): readonly string[] =>
  definitions.map((definition) => definition.type);

/** Whatever admins do, and whatever changes about who may do what. */
export const keepAudit: ConsumerDefinition = {
  name: 'auth.keep_audit',
  module: 'auth',
  types: types(...accessEvents, ...approvalEvents, ...authEvents),
};

export const noteKeyUse: ConsumerDefinition = {
  name: 'auth.note_key_use',
  module: 'auth',
  types: types(keysUsed),
};

/** What has been asked for, and what came of it once it was approved. */
export const keepApprovals: ConsumerDefinition = {
  name: 'auth.keep_approvals',
  module: 'auth',
  types: types(approvalAsked, approvalCarriedOut),
};

export const projectCredentials: ConsumerDefinition = {
  name: 'access.project_credentials',
  module: 'kernel',
  types: types(
    apiKeyCreated,
    apiKeyRolled,
    apiKeyRevoked,
    adminKeyCreated,
    adminKeyRevoked,
    adminChanged,
    merchantLimitsChanged,
    sessionStarted,
    sessionProved,
    sessionEnded,
  ),
};

/** Refunds that operators make, two of them. */
export const carryOutPayments: ConsumerDefinition = {
  name: 'payments.carry_out_approved',
  module: 'payments',
  types: types(approvalGranted),
};

/** Rules that come into force, and cases that are decided, when another person has approved it. */
export const carryOutRouting: ConsumerDefinition = {
  name: 'routing.carry_out_approved',
  module: 'routing',
  types: types(approvalGranted),
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

/** Apart from bookCollections, since a transaction of the ledger locks its accounts once, in one order. */
export const holdFunds: ConsumerDefinition = {
  name: 'ledger.hold_funds',
  module: 'ledger',
  types: types(
    refundCreated,
    refundSucceeded,
    refundFailed,
    refundReturned,
    payoutCreated,
    payoutSucceeded,
    payoutFailed,
    payoutReturned,
    disbursementDuplicated,
    disbursementRecovered,
    disbursementQuarantined,
  ),
};

export const takeProofs: ConsumerDefinition = {
  name: 'ledger.take_proofs',
  module: 'ledger',
  types: types(capturesProved),
};

export const applyHolds: ConsumerDefinition = {
  name: 'payments.apply_holds',
  module: 'payments',
  types: types(holdPlaced, holdRefused),
};

export const routeDisbursements: ConsumerDefinition = {
  name: 'routing.route_disbursements',
  module: 'routing',
  types: types(refundFunded, payoutFunded),
};

export const applyDisbursements: ConsumerDefinition = {
  name: 'payments.apply_disbursements',
  module: 'payments',
  types: types(
    disbursementAttempted,
    disbursementSucceeded,
    disbursementFailed,
    disbursementReturned,
    disbursementDuplicated,
    disbursementRecovered,
    disbursementQuarantined,
  ),
};

export const notifyMerchants: ConsumerDefinition = {
  name: 'notification.notify_merchants',
  module: 'notification',
  types: types(
    paymentSucceeded,
    paymentFailed,
    paymentActionRequired,
    refundSucceeded,
    refundFailed,
    refundReturned,
    payoutSucceeded,
    payoutFailed,
    payoutReturned,
  ),
};

/** Invitations, and what happens to the accounts of people who work here. */
export const messageAdmins: ConsumerDefinition = {
  name: 'notification.message_admins',
  module: 'notification',
  types: types(adminInvited, accountSecured),
};

/** Merchants' own people, who they are and what they are to know. */
export const tellMembers: ConsumerDefinition = {
  name: 'notification.tell_members',
  module: 'notification',
  types: types(
    merchantMemberChanged,
    merchantMemberRemoved,
    apiKeyCreated,
    apiKeyRolled,
    apiKeyRevoked,
    payoutFailed,
    payoutReturned,
  ),
};

/** What whoever runs the place must know at once. */
export const raiseAlerts: ConsumerDefinition = {
  name: 'notification.raise_alerts',
  module: 'notification',
  types: types(coverageJudged, dayReported, accountDrifted, breakerOpened, breakerClosed),
};

export const keepRecords: ConsumerDefinition = {
  name: 'reconciliation.keep_records',
  module: 'reconciliation',
  types: types(
    attemptUpdated,
    attemptConcluded,
    paymentRouted,
    surplusCaptured,
    attemptQuarantined,
    disbursementAttempted,
    disbursementSucceeded,
    disbursementReturned,
    disbursementDuplicated,
    disbursementRecovered,
    disbursementQuarantined,
  ),
};

export const keepMovements: ConsumerDefinition = {
  name: 'reconciliation.keep_movements',
  module: 'reconciliation',
  types: types(transfersPosted),
};

export const bookAdjustments: ConsumerDefinition = {
  name: 'ledger.book_adjustments',
  module: 'ledger',
  types: types(adjustmentApproved, settlementReceived),
};

export const askAgain: ConsumerDefinition = {
  name: 'routing.ask_again',
  module: 'routing',
  types: types(attemptQuestioned),
};

export const readBooks: ConsumerDefinition = {
  name: 'routing.read_books',
  module: 'routing',
  types: types(listingRequested, listingWithdrawn),
};

export const keepListings: ConsumerDefinition = {
  name: 'reconciliation.keep_listings',
  module: 'reconciliation',
  types: types(transactionsListed, settlementsListed, balancesListed, listingEnded),
};

export const keepRefunds: ConsumerDefinition = {
  name: 'reconciliation.keep_refunds',
  module: 'reconciliation',
  types: types(refundCreated, refundFailed),
};

/** A look at all accounts, behind whatever is to be booked. */
export const tellObligations: ConsumerDefinition = {
  name: 'ledger.tell_obligations',
  module: 'ledger',
  types: types(obligationsRequested),
};

export const keepObligations: ConsumerDefinition = {
  name: 'reconciliation.keep_obligations',
  module: 'reconciliation',
  types: types(obligationsTold),
};

export const CONSUMERS: readonly ConsumerDefinition[] = [
  keepAudit,
  noteKeyUse,
  keepApprovals,
  projectCredentials,
  carryOutPayments,
  carryOutRouting,
  routePayments,
  applyRouting,
  bookCollections,
  holdFunds,
  takeProofs,
  applyHolds,
  routeDisbursements,
  applyDisbursements,
  notifyMerchants,
  messageAdmins,
  tellMembers,
  raiseAlerts,
  keepRecords,
  keepMovements,
  bookAdjustments,
  askAgain,
  readBooks,
  keepListings,
  keepRefunds,
  tellObligations,
  keepObligations,
];
