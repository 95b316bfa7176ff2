/** Which messages there are, what each says, and how hard it is tried to bring it: docs/adr/0029. */
import type { Currency } from '../../../kernel/money/money.js';

export const CHANNELS = ['email', 'sms'] as const;
export type Channel = (typeof CHANNELS)[number];

/** For whom: people who work here, whoever runs the place, merchants' customers, merchants. */
export type Audience = 'admin' | 'operations' | 'customer' | 'merchant';

interface Receipt {
  /** Whom the customer has paid, as the merchant calls itself. */
  readonly merchant: string;
  readonly amount: number;
  readonly currency: Currency;
  /** Left out where it is not plain. */
  readonly reference?: string;
  readonly at: string;
  readonly livemode: boolean;
}

interface PayoutsOf {
  readonly livemode: boolean;
  /** The first of them. */
  readonly payouts: readonly {
    readonly payout: string;
    readonly amount: number;
    readonly currency: Currency;
    readonly reason: string;
  }[];
  /** How many they are in all. */
  readonly total: number;
}

interface Notice {
  readonly at: string;
}

/** Of alerts the first few of those that are told together. */
interface Gathered<Item> {
  readonly items: readonly Item[];
}

export interface Outage {
  /** `paystack/main`; null: every gateway that reaches the network. */
  readonly gateway: string | null;
  /** Null: of every gateway, in whichever mode. */
  readonly livemode: boolean | null;
  readonly network: string;
  readonly at: string;
}

/** What is said, without who it is said to: nothing in here is personal or secret. */
export interface MessageData {
  readonly admin_invited: { readonly role: string; readonly expires_at: string };
  readonly admin_password_changed: Notice;
  readonly admin_second_factor_set_up: Notice;
  readonly admin_second_factor_removed: Notice;
  readonly admin_recovery_code_used: Notice;
  readonly admin_disabled: Notice;
  readonly alert_funds_short: Gathered<{
    readonly livemode: boolean;
    readonly currency: Currency;
    readonly shortfall: number;
  }>;
  readonly alert_books_differ: Gathered<{
    readonly livemode: boolean;
    readonly gateway: string;
    readonly day: string;
    readonly open_breaks: number;
  }>;
  readonly alert_ledger_drifted: Gathered<{
    readonly livemode: boolean;
    readonly account: string;
    readonly currency: Currency;
    readonly frozen: boolean;
  }>;
  readonly alert_gateway_shut_out: Gathered<Outage>;
  readonly alert_gateway_back: Gathered<Outage & { readonly minutes: number }>;
  readonly alert_endpoint_disabled: Gathered<{
    readonly livemode: boolean;
    readonly endpoint: string;
    readonly merchant: string;
    readonly reason: 'gone' | 'failing';
  }>;
  readonly merchant_endpoint_disabled: {
    readonly livemode: boolean;
    readonly endpoint: string;
    readonly reason: 'gone' | 'failing';
  };
  readonly member_endpoint_disabled: {
    readonly livemode: boolean;
    readonly endpoint: string;
    readonly reason: 'gone' | 'failing';
  };
  readonly member_api_key_created: Notice & { readonly key: string; readonly livemode: boolean };
  readonly member_api_key_rolled: Notice & { readonly key: string; readonly ends_at: string };
  readonly member_api_key_revoked: Notice & { readonly key: string };
  readonly member_payout_failed: PayoutsOf;
  readonly member_payout_returned: PayoutsOf;
  readonly member_members_changed: Notice & { readonly what: 'added' | 'changed' | 'removed'; readonly member: string };
  readonly receipt_payment: Receipt;
  readonly receipt_refund: Receipt;
}

export type Kind = keyof MessageData;

/** What only the addressee may read. */
export interface Personal {
  readonly name?: string;
  readonly link?: string;
}

export interface KindPolicy {
  readonly audience: Audience;
  /**
   * What becomes of an attempt nobody knows the end of. `at_least_once`: it is repeated, since to miss it is worse than to read it twice.
   * `at_most_once`: it is not, since a customer who is told of one payment twice believes to have paid twice, and each SMS costs.
   */
  readonly promise: 'at_least_once' | 'at_most_once';
  /** So long it is tried; afterwards it is of no use to anybody. */
  readonly triedForSeconds: number;
  /** Its content is removed as soon as it was sent: it opens a door. */
  readonly secret: boolean;
  readonly channels: readonly Channel[];
}

const DAY_SECONDS = 86_400;

const NOTICE: KindPolicy = {
  audience: 'admin',
  promise: 'at_least_once',
  triedForSeconds: DAY_SECONDS,
  secret: false,
  channels: ['email'],
};
const ALERT: KindPolicy = { ...NOTICE, audience: 'operations', channels: CHANNELS };
const TO_MEMBER: KindPolicy = { ...NOTICE, audience: 'merchant', channels: CHANNELS };
const RECEIPT: KindPolicy = { ...NOTICE, audience: 'customer', promise: 'at_most_once', channels: CHANNELS };

export const KINDS: Readonly<Record<Kind, KindPolicy>> = {
  // As long as the link works; an SMS is read by whoever sees the screen of a locked phone.
  admin_invited: { ...NOTICE, triedForSeconds: 3 * DAY_SECONDS, secret: true },
  admin_password_changed: NOTICE,
  admin_second_factor_set_up: NOTICE,
  admin_second_factor_removed: NOTICE,
  admin_recovery_code_used: NOTICE,
  admin_disabled: NOTICE,
  alert_funds_short: ALERT,
  alert_books_differ: ALERT,
  alert_ledger_drifted: ALERT,
  alert_gateway_shut_out: ALERT,
  alert_gateway_back: ALERT,
  alert_endpoint_disabled: ALERT,
  merchant_endpoint_disabled: { ...NOTICE, audience: 'merchant' },
  member_endpoint_disabled: TO_MEMBER,
  member_api_key_created: TO_MEMBER,
  member_api_key_rolled: TO_MEMBER,
  member_api_key_revoked: TO_MEMBER,
  member_payout_failed: TO_MEMBER,
  member_payout_returned: TO_MEMBER,
  member_members_changed: TO_MEMBER,
  receipt_payment: RECEIPT,
  receipt_refund: RECEIPT,
};

export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

export type AlertKind = {
  [Name in Kind]: MessageData[Name] extends Gathered<unknown> ? Name : never;
}[Kind];
export type AlertItem<Name extends AlertKind> = MessageData[Name]['items'][number];

/** One message, of whichever kind: what is said belongs to the kind. */
export type Said = { [Name in Kind]: { readonly kind: Name; readonly data: MessageData[Name] } }[Kind];
