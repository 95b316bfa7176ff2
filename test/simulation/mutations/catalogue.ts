import { checkRedisThenRun } from './check-redis-then-run.js';
import { cursorByIdAlone } from './cursor-by-id-alone.js';
import { deliveredWhenAnswered } from './delivered-when-answered.js';
import { eventDoneOnEnqueue } from './event-done-on-enqueue.js';
import { failOverOnTimeout } from './fail-over-on-timeout.js';
import { failUnknownByAge } from './fail-unknown-by-age.js';
import { forgetInbox } from './forget-inbox.js';
import { forgetReturnedPayout } from './forget-returned-payout.js';
import { forgetTenant } from './forget-tenant.js';
import { forgetWrongPayout } from './forget-wrong-payout.js';
import { ignoreLatePayout } from './ignore-late-payout.js';
import { ignoreLateSuccess } from './ignore-late-success.js';
import type { Mutation } from './mutation.js';
import { noFencingToken } from './no-fencing-token.js';
import { payOutElsewhere } from './pay-out-elsewhere.js';
import { postWithoutLockOrder } from './post-without-lock-order.js';
import { refundWhatIsNotLeft } from './refund-what-is-not-left.js';
import { refundWithNewReference } from './refund-with-new-reference.js';
import { retryWithNewKey } from './retry-with-new-key.js';
import { settleForLess } from './settle-for-less.js';
import { singleEntry } from './single-entry.js';
import { trustWebhookAmount } from './trust-webhook-amount.js';
import { voidHoldByAge } from './void-hold-by-age.js';

/** The bugs that payment systems have had before us. */
export const MUTATIONS: readonly Mutation[] = [
  failOverOnTimeout,
  eventDoneOnEnqueue,
  checkRedisThenRun,
  cursorByIdAlone,
  failUnknownByAge,
  trustWebhookAmount,
  retryWithNewKey,
  noFencingToken,
  postWithoutLockOrder,
  forgetInbox,
  ignoreLateSuccess,
  deliveredWhenAnswered,
  forgetTenant,
  singleEntry,
  payOutElsewhere,
  voidHoldByAge,
  refundWhatIsNotLeft,
  forgetReturnedPayout,
  refundWithNewReference,
  settleForLess,
  forgetWrongPayout,
  ignoreLatePayout,
];
