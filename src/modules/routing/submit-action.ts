/**
 * Hands what a customer typed to the gateway that asked for it. The value lives in this call alone: it is not stored, queued, logged or
 * announced, and no hash of it is kept either, since of four digits a hash tells as much as the digits.
 */
import type { NextAction } from '../../contracts/shared.js';
import type { Database } from '../../kernel/database/database.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { describeError } from '../../kernel/errors/describe.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import type { Breakers } from './breakers.js';
import { networkOf } from './choice/segment.js';
import { endTurn, findWaiting, takeTurn, type PaymentOfMerchant, type Turn } from './customer-actions.store.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import { entryWanted } from './gateways/customer-entries.js';
import type { GatewayAccount, GatewayAdapter, GatewayOutcome } from './gateways/gateway-adapter.js';
import type { CustomerAction, CustomerActions } from './gateways/gateway-parts.js';
import { plainReference } from './new-attempt.js';
import type { AttemptQueries } from './query-attempts.js';
import type { OutcomeRecorder } from './record-outcome.js';
import { withoutTyped } from './typed-value.js';

export interface ActionSubmitterOptions {
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  readonly recorder: Pick<OutcomeRecorder, 'record'>;
  readonly queries: Pick<AttemptQueries, 'query'>;
  readonly logger: Logger;
  /** As long as for a charge: what is typed is what sets the charge going. */
  readonly timeoutMs: number;
  onAction(gateway: string, type: CustomerAction['type'], outcome: GatewayOutcome): void;
}

/**
 * - `accepted`: the charge goes on; with a `nextAction` when something else is wanted now.
 * - `retry`: it was wrong and may be typed again.
 * - `declined`: the charge ended without money.
 * - `unknown`: it was sent and no answer came; the gateway is asked, and nothing should be typed again before the payment says so.
 */
export interface ActionResult {
  readonly result: 'accepted' | 'retry' | 'declined' | 'unknown';
  readonly nextAction: NextAction | null;
}

/** More than a customer can need: PIN, then a code, each mistyped a few times. Gateways lock cards and wallets after three to five wrong ones. */
const MAX_TRIES = 10;
/** What a turn may take beyond the call, in ms: writing the outcome down while the database restarts. */
const LEASE_MARGIN_MS = 20_000;
/** The most time between taking the turn and calling, in ms: a process that was frozen meanwhile may have lost it. */
const TURN_FRESH_FOR_MS = 5_000;
/** After which a client may come again, in seconds. */
const COME_AGAIN_AFTER_SECONDS = 2;

/** How each is written, so that what cannot be right costs none of the customer's tries. */
const SHAPES: Readonly<Record<CustomerAction['type'], RegExp>> = {
  otp: /^[A-Za-z0-9]{3,12}$/,
  pin: /^\d{4,6}$/,
  phone: /^\+?\d{7,15}$/,
  birthday: /^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
};

interface Waiting {
  readonly target: AttemptOfPayment;
  readonly account: GatewayAccount;
  readonly actions: CustomerActions;
}

export class ActionSubmitter {
  constructor(private readonly options: ActionSubmitterOptions) {}

  /**
   * @throws {DomainError} `payment.not_found`, `payment.action_not_expected`, `payment.action_in_progress`, `payment.action_limit_reached`,
   *   `payment.action_not_delivered`, `payment.action_refused`, `request.invalid`
   */
  async submit(of: PaymentOfMerchant, action: CustomerAction): Promise<ActionResult> {
    const waiting = await this.waiting(of, action);
    if (!SHAPES[action.type].test(action.value))
      throw new DomainError('request.invalid', { errors: [{ pointer: '/value', code: `malformed_${action.type}` }] });
    const takenAt = performance.now();
    const turn: Turn = { paymentId: of.paymentId, attemptId: waiting.target.attempt.id, token: newUuid() };
    await this.take(turn);
    let counts = false;
    try {
      // Whoever had the turn before may just have given the gateway what it wanted.
      const { target, account, actions } = await this.waiting(of, action);
      if (target.attempt.id !== turn.attemptId) throw new DomainError('payment.action_not_expected');
      if (performance.now() - takenAt > TURN_FRESH_FOR_MS) throw notDelivered();
      counts = true;
      const outcome = await this.call(target, account, actions, action);
      counts = outcome.kind !== 'not_sent' || outcome.blame === 'merchant';
      await this.options.recorder.record(turn.attemptId, { source: 'action', outcome });
      return this.tell(target, action, outcome);
    } finally {
      await this.end(turn, counts);
    }
  }

  /** The attempt that waits for just this. */
  private async waiting(of: PaymentOfMerchant, { type }: CustomerAction): Promise<Waiting> {
    const { database, accounts, adapters } = this.options;
    const target = await findWaiting(database, of);
    if (target === undefined) throw new DomainError('payment.not_found');
    const wanted = entryWanted(target?.attempt.nextAction ?? null);
    if (target === null || wanted !== type)
      throw new DomainError(
        'payment.action_not_expected',
        wanted === undefined ? {} : { members: { expected: wanted } },
      );
    const actions = adapters.get(target.attempt.gateway)?.customerActions;
    const account = await accounts.byId(target.attempt.gatewayAccountId);
    if (account === undefined || actions?.types.includes(type) !== true)
      throw new DomainError('payment.action_not_expected');
    return { target, account, actions };
  }

  private async take(turn: Turn): Promise<void> {
    const leaseMs = this.options.timeoutMs + LEASE_MARGIN_MS;
    const taken = await takeTurn(this.options.database, turn, leaseMs, MAX_TRIES);
    if (taken === 'used_up') throw new DomainError('payment.action_limit_reached');
    if (taken === 'taken')
      throw new DomainError('payment.action_in_progress', { retryAfterSeconds: COME_AGAIN_AFTER_SECONDS });
  }

  /** A turn that cannot be given back ends by itself. */
  private async end(turn: Turn, counts: boolean): Promise<void> {
    await endTurn(this.options.database, turn, counts).catch((error: unknown) =>
      this.options.logger.warn(
        { attemptId: turn.attemptId, error: describeError(error) },
        'a turn could not be given back',
      ),
    );
  }

  private async call(
    { attempt, payment }: AttemptOfPayment,
    account: GatewayAccount,
    actions: CustomerActions,
    action: CustomerAction,
  ): Promise<GatewayOutcome> {
    const startedAt = performance.now();
    const told = await actions.submit(account, {
      reference: plainReference(attempt.id),
      handles: attempt.handles,
      currency: payment.currency,
      action,
      timeoutMs: this.options.timeoutMs,
    });
    const outcome = withoutTyped(told, action);
    this.options.onAction(attempt.gateway, action.type, outcome);
    // How a charge ends says whether its gateway works. That a call failed may concern this kind of call alone.
    if (payment.kind === 'payment' && (outcome.kind === 'succeeded' || outcome.kind === 'declined')) {
      const segment = { accountId: account.id, network: networkOf(payment.currency, payment.method) };
      this.options.breakers.observe(segment, outcome, startedAt);
    }
    return outcome;
  }

  private tell(target: AttemptOfPayment, action: CustomerAction, outcome: GatewayOutcome): ActionResult {
    switch (outcome.kind) {
      case 'succeeded':
        return { result: 'accepted', nextAction: null };
      case 'pending': {
        const again = entryWanted(outcome.nextAction) === action.type;
        return { result: again ? 'retry' : 'accepted', nextAction: outcome.nextAction };
      }
      case 'declined':
        return { result: 'declined', nextAction: null };
      case 'not_sent':
        if (outcome.blame !== 'merchant') throw notDelivered();
        // It was reached and would have none of it: most likely the charge is past that, by somebody else's word.
        void this.options.queries.query(target, { source: 'question' });
        throw new DomainError('payment.action_refused');
      case 'unknown':
      case 'not_found':
      case 'duplicate':
        return { result: 'unknown', nextAction: null };
    }
  }
}

function notDelivered(): DomainError {
  return new DomainError('payment.action_not_delivered', { retryAfterSeconds: COME_AGAIN_AFTER_SECONDS });
}
