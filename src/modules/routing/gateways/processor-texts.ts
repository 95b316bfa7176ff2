/**
 * What the free texts mean that banks and networks give as the reason of a failed payment, and that Paystack and Flutterwave
 * pass on. The payment is final either way; the text only says whose fault it was, and whether another gateway can help.
 * Sources: the gateways' published samples and test cards ("Insufficient Funds", "Declined", "Incorrect PIN"), the ISO 8583
 * response texts of card processors, and MTN's reasons (PROVIDERS 3.10) as they come through aggregators.
 */
import { CUSTOMER_REFUSAL, type Refusal } from './outcomes.js';

const gatewayFault: Refusal = { blame: 'gateway', retryable: true };
const networkFault: Refusal = { blame: 'network', retryable: true };
/** The bank said no without a reason: often its view of the acquirer, so another road is worth a try. */
const noReason: Refusal = { blame: 'ambiguous', retryable: true };

/** Keyed by the text as `codeFromText` writes it. Only what is listed here lets a payment go on to another gateway. */
const listed: ReadonlyMap<string, Refusal> = new Map([
  ['declined', noReason],
  ['transaction_declined', noReason],
  ['do_not_honor', noReason],
  ['do_not_honour', noReason],
  ['transaction_not_permitted_to_cardholder', noReason],
  ['transaction_not_permitted_on_terminal', gatewayFault],
  ['system_malfunction', gatewayFault],
  ['system_error', gatewayFault],
  ['internal_processing_error', gatewayFault],
  ['unable_to_process_transaction', gatewayFault],
  ['issuer_or_switch_inoperative', networkFault],
  ['network_unavailable', networkFault],
  ['service_unavailable', networkFault],
  ['expired_card', CUSTOMER_REFUSAL],
  ['card_expired', CUSTOMER_REFUSAL],
  ['lost_card', CUSTOMER_REFUSAL],
  ['stolen_card', CUSTOMER_REFUSAL],
  ['restricted_card', CUSTOMER_REFUSAL],
  ['payer_not_found', CUSTOMER_REFUSAL],
  ['payer_limit_reached', CUSTOMER_REFUSAL],
  ['exceeds_withdrawal_limit', CUSTOMER_REFUSAL],
  ['low_balance_or_payee_limit_reached_or_not_allowed', CUSTOMER_REFUSAL],
  ['approval_rejected', CUSTOMER_REFUSAL],
  ['could_not_perform_transaction', CUSTOMER_REFUSAL],
  ['expired', CUSTOMER_REFUSAL],
]);

/**
 * The customer's own no comes in many wordings. Guessing is allowed here and only here, since this reading is the cautious one:
 * it never sends the payment anywhere else.
 */
const customers: readonly RegExp[] = [
  /(^|_)(insufficient|not_enough|not_sufficient)_(funds?|balance)(_|$)/,
  /(^|_)(declined|rejected|cancell?ed)_by_(the_)?(customer|payer|user|cardholder)(_|$)/,
  /^(customer|payer|user)_(has_)?(declined|rejected|cancell?ed)/,
  /(^|_)(incorrect|invalid|wrong)_pin(_|$)/,
  /(^|_)pin_(tries|attempts)_exceeded/,
  // Nobody approved in time.
  /^(the_)?transaction_(has_)?(timed_out|expired)$/,
];

/** Undefined for a text that says nothing we know. */
export function refusalFromText(code: string): Refusal | undefined {
  return listed.get(code) ?? (customers.some((pattern) => pattern.test(code)) ? CUSTOMER_REFUSAL : undefined);
}
