/**
 * What some gateways can do besides taking payments: hand on what the customer typed, give money back, pay out, show their books
 * and balances. Like charges, calls never throw for what a gateway or network does: every way they can end is an outcome.
 */
import type { Currency } from '../../../kernel/money/money.js';
import type { GatewayAccount, GatewayOutcome } from './gateway-outcome.js';

/** What a customer was asked for after a charge (`next_action`), and has now typed. Never logged, never stored. */
export interface CustomerAction {
  readonly type: 'otp' | 'pin' | 'phone' | 'birthday';
  readonly value: string;
}

export interface CustomerActionRequest {
  /** The charge's. */
  readonly reference: string;
  readonly handles: Readonly<Record<string, string>>;
  readonly currency: Currency;
  readonly action: CustomerAction;
  readonly timeoutMs: number;
}

export interface CustomerActions {
  readonly types: readonly CustomerAction['type'][];
  /** Ends like a charge; a code that was wrong and may be typed again is `pending` with the same next action. */
  submit(account: GatewayAccount, request: CustomerActionRequest): Promise<GatewayOutcome>;
}

/** The captured charge that a refund gives back, in full or in part. */
export interface RefundedCharge {
  readonly reference: string;
  readonly handles: Readonly<Record<string, string>>;
  /** What the charge captured. */
  readonly amountMinor: bigint;
}

export interface RefundRequest {
  /** 32 lower-case hex digits, of the refund attempt. Gateways without a field for it get it in a note, where they have one. */
  readonly reference: string;
  readonly charge: RefundedCharge;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly reason: string | null;
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

export interface RefundQuery {
  readonly reference: string;
  /** What the gateway called the refund, where it said. */
  readonly handles: Readonly<Record<string, string>>;
  readonly charge: RefundedCharge;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** When the refund was first asked for: listings begin there. */
  readonly requestedAt: Date;
  /** Ids of other refunds of the same charge that are accounted for: one that the gateway lists and that is not among them is this one. */
  readonly knownIds: readonly string[];
  readonly timeoutMs: number;
}

/**
 * How a call that moves money out ended, for refunds and payouts. As {@link GatewayOutcome}, with one more:
 * - `returned`: it was sent, and came back to our balance (`reversed`): final, and no longer with the receiver.
 *
 * `succeeded` means that the gateway calls it done, with its own figures. `pending` covers what waits at the gateway, for an approval of
 * ours as well (`code` tells). `declined` is final: nothing left, or everything is back.
 */
export type MoneyOutOutcome =
  | GatewayOutcome
  | { readonly kind: 'returned'; readonly code: string; readonly handles: Readonly<Record<string, string>> };

export interface GatewayRefunds {
  /** Whether less than everything can be given back. */
  readonly partial: boolean;
  /** A second request with the same reference gives nothing back twice (it is refused, or answered again). */
  readonly idempotent: boolean;
  /** After which "not found" proves that the request never arrived, in ms; null: never. */
  readonly notFoundTrustedAfterMs: number | null;
  /** The reference as the gateway is given it; shown in our API. */
  writtenReference(reference: string): string;
  refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome>;
  /** Never answers `duplicate`; `unknown` where the gateway has no way to tell. */
  status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome>;
}

/** Where a payout goes. */
export type PayoutDestination =
  | { readonly type: 'mobile_money'; readonly network: string; readonly phone: string; readonly name: string }
  | {
      readonly type: 'bank_account';
      /** As the country's clearing writes it: three or six digits in Nigeria. */
      readonly bankCode: string;
      readonly accountNumber: string;
      readonly name: string;
    };

export interface PayoutRequest {
  /** 32 lower-case hex digits, of the payout attempt. */
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly destination: PayoutDestination;
  readonly narration: string;
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

export interface PayoutQuery {
  readonly reference: string;
  readonly handles: Readonly<Record<string, string>>;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly destinationType: PayoutDestination['type'];
  readonly timeoutMs: number;
}

export interface GatewayPayouts {
  /** Currencies in which each kind of destination is paid. */
  readonly destinationCurrencies: Readonly<Partial<Record<PayoutDestination['type'], readonly Currency[]>>>;
  /** Mobile-money networks per currency. */
  readonly networks: Readonly<Partial<Record<Currency, readonly string[]>>>;
  readonly idempotent: boolean;
  readonly notFoundTrustedAfterMs: number | null;
  /** Whether its API has a word for a payout that was paid and came back (`reversed`). */
  readonly returns: boolean;
  /** Credentials that paying out needs besides those of collecting; an account without them does not pay out. */
  readonly requiredCredentials: readonly string[];
  writtenReference(reference: string): string;
  payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome>;
  status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome>;
}

/** One line of a gateway's own books. */
export interface GatewayTransaction {
  readonly kind: 'charge' | 'refund' | 'payout' | 'payout_return';
  /** The gateway's id. */
  readonly id: string;
  /** Ours, as the gateway was given it, where the line carries it. */
  readonly reference: string | null;
  readonly status: 'succeeded' | 'failed' | 'pending' | 'reversed';
  readonly amountMinor: bigint;
  /** What the gateway kept; null where the line does not say. */
  readonly feeMinor: bigint | null;
  readonly currency: string;
  readonly occurredAt: Date;
}

export interface GatewaySettlement {
  readonly id: string;
  readonly status: 'settled' | 'pending' | 'failed';
  readonly currency: string;
  readonly grossMinor: bigint;
  readonly feesMinor: bigint;
  /** What reaches the bank. */
  readonly netMinor: bigint;
  readonly settledAt: Date | null;
  /** What the bank calls it, where the gateway says. */
  readonly bankReference: string | null;
}

/** One page, oldest or newest first as the gateway has it; `next` asks for the following one. `failed`: the question could not be answered now. */
export type Page<Item> =
  | { readonly kind: 'page'; readonly items: readonly Item[]; readonly next: string | null }
  | {
      readonly kind: 'failed';
      readonly code: string;
      /** The gateway's own word when it wants to be asked again, in ms. */
      readonly retryAfterMs?: number;
    };

export interface BooksQuery {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** `next` of the page before; null for the first. */
  readonly cursor: string | null;
  /** For amounts that are reported without a currency of their own. */
  readonly currency: Currency;
  readonly timeoutMs: number;
}

export interface GatewayBooks {
  /** What its list of transactions would have: that something else is not in it says nothing. */
  readonly covers: readonly ('payment' | 'refund' | 'payout')[];
  listTransactions?(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewayTransaction>>;
  listSettlements?(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewaySettlement>>;
  /** The lines that a settlement is made of. */
  listSettled?(
    account: GatewayAccount,
    settlementId: string,
    query: Pick<BooksQuery, 'cursor' | 'currency' | 'timeoutMs'>,
  ): Promise<Page<GatewayTransaction>>;
}

export interface GatewayBalance {
  readonly currency: string;
  /** What can be paid out now. */
  readonly availableMinor: bigint;
}

export interface GatewayFloat {
  /** The balance from which payouts are made. */
  balances(
    account: GatewayAccount,
    timeoutMs: number,
  ): Promise<
    | { readonly kind: 'balances'; readonly balances: readonly GatewayBalance[] }
    | { readonly kind: 'failed'; readonly code: string }
  >;
}
