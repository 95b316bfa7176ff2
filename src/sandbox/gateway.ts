import type { Account } from './accounts.js';
import type { ChargePlan, DeclineCodes } from './charge-plan.js';
import type { Struck } from './faults.js';
import type { Movement, Movements, NewMovement, OutPlan } from './movements.js';
import type { OutDeclineCodes } from './out-plan.js';
import type { Settlement, Settlements } from './settlements.js';
import type { NewCharge, Transaction, Transactions } from './transactions.js';
import type { OutgoingWebhook } from './webhooks.js';
import type { Answer } from './wire.js';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a request does, for the counters of `/_requests/summary`. `create`, `refund` and `payout` are what create faults
 * strike; `page` is a customer's browser.
 */
export type Operation = 'create' | 'refund' | 'payout' | 'verify' | 'token' | 'list' | 'page' | 'other';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Where the connection comes from, as the socket says; forwarding headers prove nothing. */
  readonly remoteAddress: string;
}

/** A request that passed authentication. */
export interface Call {
  readonly request: WireRequest;
  /** The variable parts of the path, decoded. */
  readonly params: readonly string[];
  readonly account: Account;
  /** The create faults that struck; empty for other operations. */
  readonly struck: Struck;
  /** Where this gateway listens, without a slash at the end: for the addresses of hosted pages. */
  readonly baseUrl: string;
}

/** A gateway's answer, with the charge, refund or payout it opened, if any: faults after it strike only then. */
export interface Reply {
  readonly answer: Answer;
  readonly opened?: Transaction | Movement;
}

/** A call before anybody is authenticated: tokens and hosted pages. */
export type OpenCall = Omit<Call, 'account'>;

interface RouteBase {
  readonly method: string;
  /** Matched against the whole path; its groups become `params`. */
  readonly path: RegExp;
  readonly operation: Operation;
}

/** One endpoint. `open` endpoints are reached without credentials, or read them themselves. */
export type Route =
  | (RouteBase & { readonly open?: false; readonly handle: (call: Call) => Reply })
  | (RouteBase & { readonly open: true; readonly handle: (call: OpenCall) => Reply });

/** What a gateway that pays money out has to bring. */
export interface MoneyOutFacts {
  readonly refunds: Movements;
  readonly payouts: Movements;
  readonly declineCodes: { readonly refund: OutDeclineCodes; readonly payout: OutDeclineCodes };
  /** Whether refunds and payouts are paid out of what was collected, or of a deposit that collections do not fill. */
  readonly wallet: 'collections' | 'deposit';
  /** Whether its API has a word for a payout that was paid and came back; elsewhere the fault `returned` is refused. */
  readonly returnsPayouts: boolean;
  /** A chance to add what only this gateway has, such as its provider's own test numbers. */
  adjustPlan?(order: NewMovement, plan: OutPlan): OutPlan;
  /** @returns what the gateway sends when a refund or payout is taken in, where it sends anything then. */
  openedWebhook?(movement: Movement): OutgoingWebhook | undefined;
  /** @returns the webhook for a movement that was paid, failed or came back, or undefined where the gateway sends none. */
  webhook(movement: Movement): OutgoingWebhook | undefined;
}

/** What a gateway has to bring: its endpoints, its words for trouble, and its webhooks. */
export interface Gateway {
  readonly name: string;
  readonly transactions: Transactions;
  /** Tried in order; the first that matches method and path answers. */
  readonly routes: readonly Route[];
  /** Credentials an account must have; others in `optionalCredentials` may be given. */
  readonly requiredCredentials: readonly string[];
  readonly optionalCredentials: readonly string[];
  readonly defaultCredentials: Readonly<Record<string, string>>;
  readonly declineCodes: DeclineCodes;
  /** Waits before each further try of a webhook that was not taken. Milliseconds; empty: one try only. */
  readonly webhookRetryMs: readonly number[];
  /** There where the gateway tells what it settles: its settlements, made when the operator asks for them. */
  readonly settlements?: Settlements;
  /** @returns what the gateway sends when it has settled, where it sends anything then. */
  settlementWebhook?(settlement: Settlement): OutgoingWebhook;
  /** There where money can flow back or out through this gateway. */
  readonly moneyOut?: MoneyOutFacts;
  /** @returns the account, or the answer that refuses the request. */
  authenticate(request: WireRequest): Account | Answer;
  /** A chance to add what only this gateway has, such as its provider's own test numbers. */
  adjustPlan?(charge: NewCharge, plan: ChargePlan): ChargePlan;
  /** Whether nobody can pay it any more, though it never failed: an expired link. Asked whenever a customer acts. */
  isClosed?(transaction: Transaction): boolean;
  /** @returns the genuine webhook for the transaction as it stands, or undefined where the gateway sends none. */
  webhook(transaction: Transaction): OutgoingWebhook | undefined;
  /** @returns a webhook that claims a success which has not happened, as a forger could send it. */
  forgedWebhook(transaction: Transaction): OutgoingWebhook | undefined;
  /** The gateway's answers when it is not itself. */
  readonly trouble: {
    /** Its front door answers for a dead house. */
    readonly down: Answer;
    /** It failed inside; whether before or after the charge, the answer is the same. */
    readonly serverError: Answer;
    /** A 200 that no client can parse. */
    readonly garbage: Answer;
    readonly noSuchRoute: Answer;
    readonly malformedBody: Answer;
    readonly bodyTooLarge: Answer;
  };
}

export function isAccount(value: Account | Answer): value is Account {
  return 'credentials' in value;
}
