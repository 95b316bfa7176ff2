/**
 * Every error a client can be told, in one place. A code that is not here does not compile, and docs/problems/ is
 * generated from here. `retryable` means: the same request, with the same idempotency key, may be sent again.
 */
interface ErrorSpec {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  /** What the caller should understand and do; the published page of the problem. */
  readonly help: string;
}

const registry = {
  'request.malformed_json': {
    status: 400,
    title: 'The body is not valid JSON',
    retryable: false,
    help: 'Send a JSON object in UTF-8 with `Content-Type: application/json`.',
  },
  'request.unsupported_media_type': {
    status: 415,
    title: 'The content type is not supported',
    retryable: false,
    help: 'Send `Content-Type: application/json`.',
  },
  'request.too_large': {
    status: 413,
    title: 'The body is too large',
    retryable: false,
    help: 'Bodies are limited to 64 KB; those of `POST /v1/payout_batches` to 8 MB, those of `POST /v1/ledger/transfer_batches` to 2 MB.',
  },
  'request.invalid': {
    status: 422,
    title: 'The request is not valid',
    retryable: false,
    help: 'Each entry of `errors` points at a field and says which rule it breaks. Nothing was stored.',
  },
  'request.invalid_parameter': {
    status: 400,
    title: 'A query parameter or header is not valid',
    retryable: false,
    help: 'See `errors` for the parameter and the rule.',
  },
  'request.card_number': {
    status: 422,
    title: 'The request holds a card number',
    retryable: false,
    help: 'Card numbers must never be sent, in any field. Use a saved card token, or the redirect that a card payment without token answers with. Nothing was stored.',
  },
  'request.not_found': {
    status: 404,
    title: 'There is nothing at this address',
    retryable: false,
    help: 'Check the path and the method.',
  },
  'request.method_not_allowed': {
    status: 405,
    title: 'The method is not allowed here',
    retryable: false,
    help: 'Check the method.',
  },
  'auth.missing_credentials': {
    status: 401,
    title: 'No API key was sent',
    retryable: false,
    help: 'Send `Authorization: Bearer sk_test_...`.',
  },
  'auth.invalid_credentials': {
    status: 401,
    title: 'The API key is not valid',
    retryable: false,
    help: 'The key is malformed, unknown or revoked.',
  },
  'auth.forbidden': {
    status: 403,
    title: 'This key may not do that',
    retryable: false,
    help: 'Use a key of the right kind: merchant keys serve /v1, admin keys serve /admin/v1.',
  },
  'idempotency.key_missing': {
    status: 400,
    title: 'An idempotency key is required',
    retryable: false,
    help: 'Send `Idempotency-Key` with a value of your own, 1 to 255 printable ASCII characters, unique for each intended payment.',
  },
  'idempotency.key_invalid': {
    status: 400,
    title: 'The idempotency key is not valid',
    retryable: false,
    help: 'A key is 1 to 255 printable ASCII characters. If both `Idempotency-Key` and `X-Idempotency-Key` are sent they must be equal.',
  },
  'idempotency.key_reused': {
    status: 422,
    title: 'The idempotency key was used for another request',
    retryable: false,
    help: 'The same key came with another body or path. Use a new key for a new request.',
  },
  'idempotency.key_in_use': {
    status: 409,
    title: 'A request with this key is still running',
    retryable: true,
    help: 'Repeat the request with the same key in a moment to read its answer.',
  },
  'payment.duplicate_reference': {
    status: 409,
    title: 'The reference already belongs to a payment',
    retryable: false,
    help: 'References are unique per merchant and mode for ever. `payment_id` names the payment that has it.',
  },
  'payment.not_found': {
    status: 404,
    title: 'No such payment',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'payment.action_not_expected': {
    status: 409,
    title: 'The payment does not wait for this from its customer',
    retryable: false,
    help: 'Read the payment: `next_action` says what is wanted, if anything is; `expected` is what may be sent here, if anything may. Nothing was handed on.',
  },
  'payment.action_in_progress': {
    status: 409,
    title: 'What the customer typed before is still on its way',
    retryable: true,
    help: 'One entry of a payment is handed on at a time. Read the payment in a moment: it may be over. Nothing was handed on this time.',
  },
  'payment.action_limit_reached': {
    status: 409,
    title: 'Too much was typed for this payment',
    retryable: false,
    help: 'No more is handed on for it. It ends by itself at its gateway; make a new payment meanwhile only when this one has ended.',
  },
  'payment.action_not_delivered': {
    status: 503,
    title: 'The gateway could not be reached',
    retryable: true,
    help: 'What the customer typed was not handed on, which says nothing about the payment. Send it again after `Retry-After` seconds; the customer need not type it again.',
  },
  'payment.action_refused': {
    status: 409,
    title: 'The gateway did not take what the customer typed',
    retryable: false,
    help: 'It gave no reason that concerns the entry itself: the charge may have moved on. The gateway is asked how it stands; read the payment.',
  },
  'payment.method_not_supported': {
    status: 422,
    title: 'No gateway can take this method and currency',
    retryable: false,
    help: 'The currency does not go with the method or the network. Nothing was stored.',
  },
  'payment.amount_too_small': {
    status: 422,
    title: 'The amount is below the minimum',
    retryable: false,
    help: 'Every gateway refuses amounts this small.',
  },
  'refund.not_found': {
    status: 404,
    title: 'No such refund',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'refund.payment_not_succeeded': {
    status: 409,
    title: 'The payment has not succeeded',
    retryable: false,
    help: 'Only what was captured can be given back. Wait for `payment.succeeded`.',
  },
  'refund.exceeds_payment': {
    status: 422,
    title: 'The refund is more than what is left of the payment',
    retryable: false,
    help: 'Refunds of a payment, those under way included, are never more than what was captured. `refundable` is what is left.',
  },
  'payout.not_found': {
    status: 404,
    title: 'No such payout',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'payout.duplicate_reference': {
    status: 409,
    title: 'The reference already belongs to a payout',
    retryable: false,
    help: 'References are unique per merchant and mode for ever. `payout_id` names the payout that has it.',
  },
  'payout.destination_not_supported': {
    status: 422,
    title: 'No gateway can pay this destination in this currency',
    retryable: false,
    help: 'The currency does not go with the kind of destination or the network. Nothing was stored.',
  },
  'payout_batch.not_found': {
    status: 404,
    title: 'No such batch of payouts',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'payout_batch.duplicate_reference': {
    status: 409,
    title: 'The reference already belongs to a batch of payouts',
    retryable: false,
    help: 'References are unique per merchant and mode for ever. `payout_batch_id` names the batch that has it.',
  },
  'ledger.account_not_found': {
    status: 404,
    title: 'No such ledger account',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'ledger.transfer_conflict': {
    status: 409,
    title: 'The transfer id exists with other content',
    retryable: false,
    help: 'A transfer id names one transfer for ever.',
  },
  'ledger.limit_exceeded': {
    status: 422,
    title: "The transfer would break the account's limit",
    retryable: false,
    help: 'The account may not be drawn beyond its limit.',
  },
  'ledger.account_frozen': {
    status: 409,
    title: 'The ledger account is frozen',
    retryable: true,
    help: 'Nothing is posted to it until it is opened again (`POST /v1/ledger/accounts/:id/unfreeze`). What is held may still be voided.',
  },
  'ledger.account_closed': {
    status: 409,
    title: 'The ledger account is closed',
    retryable: false,
    help: 'A closed account stays closed. Open another one.',
  },
  'ledger.account_not_empty': {
    status: 409,
    title: 'The ledger account is not empty',
    retryable: false,
    help: 'Only an account on which nothing stands and nothing is pending can be closed. Move what is there, and void what is held, first.',
  },
  'ledger.account_held_by_operator': {
    status: 409,
    title: 'The ledger account was not frozen by you',
    retryable: false,
    help: 'What an operator, or the ledger itself, has frozen is opened again by them. `state_change` of the account says why it was frozen.',
  },
  'ledger.duplicate_code': {
    status: 409,
    title: 'The code already belongs to a ledger account',
    retryable: false,
    help: 'Codes are unique per merchant, mode and currency for ever. `account_id` names the account that has it.',
  },
  'ledger.system_account': {
    status: 422,
    title: 'The ledger account is not one of your own',
    retryable: false,
    help: 'Accounts of other kinds than `client` mirror real money: only payments, refunds and payouts move it. They cannot be renamed, frozen or closed either.',
  },
  'ledger.accounts_differ': {
    status: 422,
    title: 'The accounts do not go together',
    retryable: false,
    help: 'A transfer is between two accounts of one currency.',
  },
  'ledger.transfer_not_found': {
    status: 404,
    title: 'No such ledger transfer',
    retryable: false,
    help: 'The id is unknown to this merchant and mode, or not of a transfer of its own.',
  },
  'ledger.transfer_not_pending': {
    status: 409,
    title: 'The ledger transfer is not pending',
    retryable: false,
    help: 'It moved its money at once, or was posted, voided, or has expired. `outcome` says which.',
  },
  'ledger.transfer_not_reversible': {
    status: 409,
    title: 'The ledger transfer cannot be reversed',
    retryable: false,
    help: 'Only what has moved money can be reversed, and reversals themselves cannot: make a new transfer instead.',
  },
  'ledger.exceeds_transfer': {
    status: 422,
    title: 'The amount is more than what is left of the transfer',
    retryable: false,
    help: 'No more can be posted than was held, and no more reversed than was moved, with all other reversals of the same transfer.',
  },
  'ledger.batch_refused': {
    status: 422,
    title: 'A transfer of the batch was refused, and so all of them',
    retryable: false,
    help: '`errors` points at the transfer, and its `code` says why. Nothing was posted. Send `"atomic": false` to have each stand for itself.',
  },
  'webhook_endpoint.not_found': {
    status: 404,
    title: 'No such webhook endpoint',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'webhook_endpoint.url_not_allowed': {
    status: 422,
    title: 'The address cannot be used for webhooks',
    retryable: false,
    help: 'Endpoints must be https (http only where private addresses are allowed, for development), without credentials, on a public address.',
  },
  'webhook_endpoint.too_many': {
    status: 422,
    title: 'There are too many webhook endpoints',
    retryable: false,
    help: 'Delete one that is not needed.',
  },
  'webhook_endpoint.disabled': {
    status: 409,
    title: 'The webhook endpoint is disabled',
    retryable: false,
    help: 'Enable it with `POST /v1/webhook_endpoints/:id/enable` first.',
  },
  'event.not_found': {
    status: 404,
    title: 'No such event',
    retryable: false,
    help: 'The id is unknown to this merchant and mode.',
  },
  'event.no_endpoint': {
    status: 422,
    title: 'No webhook endpoint wants this event',
    retryable: false,
    help: 'There is no enabled endpoint whose `events` include the type of this event. Nothing was sent.',
  },
  'webhook_delivery.not_found': {
    status: 404,
    title: 'No such webhook delivery',
    retryable: false,
    help: 'The id is unknown.',
  },
  'gateway.unknown_account': {
    status: 404,
    title: 'No such gateway account',
    retryable: false,
    help: 'Webhook addresses are /webhooks/<gateway>/<account>.',
  },
  'gateway_account.not_found': {
    status: 404,
    title: 'No such gateway account',
    retryable: false,
    help: 'The id is unknown.',
  },
  'rule_set.not_found': {
    status: 404,
    title: 'No such rule set',
    retryable: false,
    help: 'There is no rule set of this version.',
  },
  'rule_set.not_usable': {
    status: 422,
    title: 'The rule set cannot be activated',
    retryable: false,
    help: 'Each entry of `errors` points into its content: at a gateway or an account that does not exist, or at something that this version does not understand. The rules in force are as they were.',
  },
  'rule_set.conflict': {
    status: 409,
    title: 'Other rules are in force than you think',
    retryable: false,
    help: 'Somebody else has activated a rule set since you looked. `active_version` says which is in force (0: none). Nothing was changed.',
  },
  'maintenance_window.not_found': {
    status: 404,
    title: 'No such maintenance window',
    retryable: false,
    help: 'The id is unknown.',
  },
  'maintenance_window.canceled': {
    status: 409,
    title: 'The maintenance window was canceled',
    retryable: false,
    help: 'A canceled window is not changed any more. Make another one.',
  },
  'maintenance_window.too_many': {
    status: 422,
    title: 'There are too many maintenance windows ahead',
    retryable: false,
    help: 'Every attempt asks them all. Cancel those that are not needed.',
  },
  'backtest.running': {
    status: 409,
    title: 'Another backtest is running',
    retryable: true,
    help: 'One at a time is run in each process, since it takes a good part of it. Send the request again in a few seconds.',
  },
  'gateway.webhook_rejected': {
    status: 401,
    title: 'The webhook was not signed by the gateway',
    retryable: false,
    help: 'The signature is missing or wrong.',
  },
  'gateway_webhook.not_found': {
    status: 404,
    title: 'No such webhook from a gateway',
    retryable: false,
    help: 'The id is unknown, or the webhook was old and has been deleted.',
  },
  'attempt.not_found': { status: 404, title: 'No such attempt', retryable: false, help: 'The id is unknown.' },
  'attempt.not_sent': {
    status: 409,
    title: 'The attempt has not been sent',
    retryable: false,
    help: 'Its gateway has not heard of it, so there is nothing to ask about.',
  },
  'merchant.not_found': { status: 404, title: 'No such merchant', retryable: false, help: 'The id is unknown.' },
  'merchant.closed': {
    status: 409,
    title: 'The merchant is closed',
    retryable: false,
    help: 'A closed merchant gets no new keys.',
  },
  'api_key.not_found': { status: 404, title: 'No such API key', retryable: false, help: 'The id is unknown.' },
  'admin_key.not_found': { status: 404, title: 'No such admin key', retryable: false, help: 'The id is unknown.' },
  'dead_letter.not_found': {
    status: 404,
    title: 'No such dead letter',
    retryable: false,
    help: 'The event was never abandoned for this consumer, or was replayed already.',
  },
  'service.rate_limited': {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    help: 'Wait for `Retry-After` seconds. No key was used up.',
  },
  'service.overloaded': {
    status: 503,
    title: 'The service is busy',
    retryable: true,
    help: 'Wait for `Retry-After` seconds and send the same request with the same key.',
  },
  'service.unavailable': {
    status: 503,
    title: 'The service cannot answer right now',
    retryable: true,
    help: 'A part it needs does not answer. Send the same request with the same key again after `Retry-After` seconds.',
  },
  'service.internal': {
    status: 500,
    title: 'Something went wrong on our side',
    retryable: true,
    help: 'The request id finds it in our logs. Send the same request with the same key again.',
  },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof registry;

export const ERROR_REGISTRY: Readonly<Record<ErrorCode, ErrorSpec>> = registry;
