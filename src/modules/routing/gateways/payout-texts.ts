/**
 * What the free texts mean that gateways give as the reason of a failed or refused payout. They are read apart from those of payments,
 * since the sides are turned round: the account without funds is ours, the account that does not exist is the receiver's. Sources: the
 * complete messages in Flutterwave's published list of transfers, and the texts of Nigerian and Ghanaian interbank transfers (from memory).
 */
import { UNLISTED_REFUSAL, type Refusal } from './outcomes.js';

/** What we have at this gateway does not suffice; at another it may. */
const OUR_FLOAT: Refusal = { blame: 'merchant', retryable: true };
/** The receiver cannot be paid as told, whoever pays. */
const RECEIVER: Refusal = { blame: 'customer', retryable: false };
/** This gateway's road to the receiver is closed. */
const ROAD: Refusal = { blame: 'network', retryable: true };

const readings: readonly (readonly [RegExp, Refusal])[] = [
  [
    /(insufficient|not_enough|not_sufficient|low)_(funds?|balance)|balance_(is_)?(not_enough|insufficient|low)/,
    OUR_FLOAT,
  ],
  // `You can only spend NGN 100.00 at once`, `wallet currently restricted`: limits of our own account there.
  [/you_can_only_spend|wallet_(is_)?currently_restricted|(daily|transfer)_limit/, OUR_FLOAT],
  [/(invalid|incorrect|wrong|unknown)_(beneficiary_)?(account|bank_account|phone|mobile)/, RECEIVER],
  [
    /(account|beneficiary|payee|recipient|subscriber)_(number_)?(not_found|does_not_exist|is_closed|closed|dormant)/,
    RECEIVER,
  ],
  [/unable_to_(obtain|resolve)_(user|account)|could_not_(resolve|verify)_account|name_mismatch/, RECEIVER],
  [/(bank|network|issuer|switch|service)_(is_)?(unavailable|inoperative|not_available|down)|unable_to_reach/, ROAD],
];

/** Whose fault a failed payout was; one whose reason says nothing to us goes to no other gateway by itself. */
export function refusalOfPayout(code: string): Refusal {
  return readings.find(([pattern]) => pattern.test(code))?.[1] ?? UNLISTED_REFUSAL;
}

/** Whether a refusal says that our balance there does not suffice. */
export function saysShortOfFloat(message: string | undefined): boolean {
  return /\b(insufficient|not enough|low)\b.*\b(balance|funds?|wallet)|\bbalance\b.*\b(not enough|insufficient|too low)/i.test(
    message ?? '',
  );
}
