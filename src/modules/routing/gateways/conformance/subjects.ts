/** Every gateway that the conformance suite is run over: what is known of each that the suite cannot know of all. */
import type { PaymentMethod } from '../../../../contracts/shared.js';
import type { Currency } from '../../../../kernel/money/money.js';
import type { CustomerAction, PayoutDestination } from '../gateway-parts.js';

export interface ChargeCase {
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly method: PaymentMethod;
  readonly environment?: string;
  readonly country?: string;
  /** The currency in which the gateway's own sandbox counts. */
  readonly moves?: string;
}

export interface PayoutCase {
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly destination: PayoutDestination;
  readonly environment?: string;
}

export interface Subject {
  readonly gateway: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Credentials that the sandbox does not know. */
  readonly wrongCredentials: Readonly<Record<string, string>>;
  readonly cases: readonly [ChargeCase, ...ChargeCase[]];
  /** One that sends the customer to a page; absent: the gateway has none. */
  readonly byPage?: ChargeCase;
  /** What a question ends as about a reference that the gateway never got. */
  readonly unheardOf: object;
  readonly idempotent: boolean;
  /** How a second charge with one reference ends. */
  readonly second: 'duplicate' | 'pending' | 'not_sent';
  /** How the gateway tells that the customer could not or would not pay; at some it is no end. */
  readonly declined: object;
  /** The same with a reason that we do not know; undefined where no reason is told. */
  readonly declinedForUnknownReason?: object;
  /** A method whose customer acts as the end of the phone number says; undefined where requests have no field for it. */
  readonly magic?: (ending: string) => PaymentMethod;
  /** What a question finds of a payment that the gateway took while its answer was lost. */
  readonly afterLostAnswer: 'succeeded' | 'unknown';
  /** What shows that a payment failed: its end, a code while it can still be paid, or nothing but the callback. */
  readonly tellsFailureBy: 'end' | 'code' | 'callback';
  /** Whether answers to questions have the amount that was paid. */
  readonly tellsAmount: boolean;
  /** Handles without which no question can be asked, to ask about what was never sent. */
  readonly madeUpHandles?: Readonly<Record<string, string>>;
  /** How a genuine webhook is graded, and a forged one. */
  readonly genuine: 'authenticated' | 'unauthenticated';
  readonly forged: 'rejected' | 'unauthenticated';
  /** Charges that ask the customer for something, which our own charges do not lead to in the sandbox. */
  readonly asking?: readonly {
    readonly action: CustomerAction;
    readonly path: string;
    readonly body: (reference: string) => object;
  }[];
  /** Absent: its API gives nothing back. */
  readonly refunds?: {
    readonly isTold: boolean;
    /** A refund is unknown to a question until the bank has made it. */
    readonly isFoundWhenMade?: true;
    /** The gateway answers nothing but "yes" to a refund, so that nonsense says as much, and none can fail afterwards. */
    readonly isBare?: true;
  };
  /** Absent: its API pays nobody. */
  readonly payouts?: {
    readonly cases: readonly [PayoutCase, ...PayoutCase[]];
    readonly isTold: boolean;
    /** How the same payout ends that is sent a second time. */
    readonly second: readonly string[];
    /** How one ends that cannot arrive, and one for which there is too little money. */
    readonly failed: object;
    readonly broke: object;
    /** Whether the gateway's API has a word for a payout that came back, and tells the balance that payouts come from. */
    readonly returns: boolean;
    readonly tellsBalance: boolean;
  };
  /** Absent: it has no books that can be asked for. */
  readonly books?: { readonly charge: ChargeCase; readonly hasSettlements: boolean };
}

const momo = (phone: string) => ({ type: 'mobile_money', network: 'mtn', phone }) as const;
const wallet = (network: string, phone: string) =>
  ({ type: 'mobile_money', network, phone, name: 'Ama Mensah' }) as const;
const bank = { type: 'bank_account', bankCode: '058', accountNumber: '0123456789', name: 'Ama Mensah' } as const;

const GHS = { currency: 'GHS', amountMinor: 150_050n, method: momo('+233241234567') } as const;
const XOF = { currency: 'XOF', amountMinor: 1_500n, method: momo('+2250701020304') } as const;
const NGN_CARD = { currency: 'NGN', amountMinor: 500_000n, method: { type: 'card', token: 'AUTH_saved' } } as const;
const NGN_PAGE = { currency: 'NGN', amountMinor: 500_000n, method: { type: 'card' } } as const;
const NGN_TRANSFER = { currency: 'NGN', amountMinor: 500_000n, method: { type: 'bank_transfer' } } as const;
const NGN_USSD = { currency: 'NGN', amountMinor: 100_000n, method: { type: 'ussd', bank: '737' } } as const;

const TO_GHANA = { currency: 'GHS', amountMinor: 20_050n, destination: wallet('mtn', '+233241234567') } as const;
const TO_IVORY_COAST = { currency: 'XOF', amountMinor: 1_500n, destination: wallet('mtn', '+2250701020304') } as const;
const TO_CAMEROON = { currency: 'XAF', amountMinor: 1_500n, destination: wallet('mtn', '+237670000000') } as const;
const TO_NIGERIA = { currency: 'NGN', amountMinor: 250_099n, destination: bank } as const;

/** Wave and the pages send customers on to https addresses only. */
const RETURN_URL = 'https://shop.example/back';
const WAVE = { type: 'mobile_money', network: 'wave' } as const;
const ORANGE = { type: 'mobile_money', network: 'orange' } as const;

/** What the three have in common that tell the reason of a failure as its end. */
const tellsReasons = {
  declined: { kind: 'declined', blame: 'customer', retryable: false },
  declinedForUnknownReason: {
    kind: 'declined',
    code: expect.stringMatching(/moon.is.full/i) as string,
    blame: 'ambiguous',
    retryable: false,
  },
  magic: (ending: string): PaymentMethod => momo(`+23324123${ending}`),
  tellsFailureBy: 'end',
  afterLostAnswer: 'succeeded',
  tellsAmount: true,
} as const;

const REFUSED = { blame: 'merchant' };

const momoUsers = {
  api_user: '6a1f6c1e-0000-4000-8000-000000000001',
  target_environment: 'mtnghana',
  disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
};

export const subjects: readonly Subject[] = [
  {
    gateway: 'paystack',
    credentials: { secret_key: 'sk_test_sandbox_paystack' },
    wrongCredentials: { secret_key: 'sk_test_wrong' },
    cases: [GHS, XOF, { ...NGN_CARD, amountMinor: 250_099n }, NGN_TRANSFER, NGN_USSD],
    byPage: NGN_PAGE,
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'transaction_not_found' },
    idempotent: true,
    second: 'duplicate',
    genuine: 'authenticated',
    forged: 'rejected',
    // The sandbox's customers of these bank accounts are asked for different things.
    asking: (
      [
        ['otp', '123456', '0000000000'],
        ['pin', '1234', '0000009911'],
        ['phone', '+2348012345678', '0000009912'],
        ['birthday', '1990-01-31', '0000009913'],
      ] as const
    ).map(([type, value, account_number]) => ({
      action: { type, value },
      path: '/charge',
      body: (reference) => ({
        reference,
        email: 'a@b.co',
        amount: '500000',
        currency: 'NGN',
        bank: { code: '057', account_number },
      }),
    })),
    refunds: { isTold: true },
    payouts: {
      cases: [TO_GHANA, TO_IVORY_COAST, TO_NIGERIA],
      isTold: true,
      second: ['duplicate'],
      failed: { kind: 'declined' },
      broke: REFUSED,
      returns: true,
      tellsBalance: true,
    },
    books: { charge: NGN_CARD, hasSettlements: true },
  },
  {
    gateway: 'flutterwave',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
    wrongCredentials: { secret_key: 'FLWSECK_TEST-wrong', webhook_secret_hash: 'x' },
    cases: [
      GHS,
      XOF,
      { ...XOF, currency: 'XAF', method: momo('+237670000000') },
      { ...NGN_CARD, amountMinor: 250_099n },
      NGN_TRANSFER,
      NGN_USSD,
    ],
    byPage: NGN_PAGE,
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'transaction_not_found' },
    idempotent: false,
    second: 'pending',
    genuine: 'authenticated',
    // The sandbox leaves the signature of the original body on the altered one.
    forged: 'rejected',
    asking: [
      {
        action: { type: 'otp', value: '123456' },
        path: '/v3/charges?type=card',
        body: (reference) => ({
          tx_ref: reference,
          email: 'a@b.co',
          amount: 5_000,
          currency: 'NGN',
          authorization: { mode: 'pin' },
        }),
      },
    ],
    refunds: { isTold: false },
    payouts: {
      cases: [TO_GHANA, TO_IVORY_COAST, TO_CAMEROON, TO_NIGERIA],
      isTold: true,
      second: ['duplicate'],
      failed: { kind: 'declined' },
      broke: REFUSED,
      returns: false,
      tellsBalance: true,
    },
    books: { charge: NGN_CARD, hasSettlements: true },
  },
  {
    gateway: 'mtn_momo',
    credentials: {
      ...momoUsers,
      api_key: 'sandbox-momo-key',
      subscription_key: 'sandbox-momo-subscription',
      disbursement_api_key: 'sandbox-momo-disbursement-key',
      disbursement_subscription_key: 'sandbox-momo-disbursement-subscription',
    },
    wrongCredentials: {
      ...momoUsers,
      api_key: 'wrong',
      subscription_key: 'wrong',
      disbursement_api_key: 'wrong',
      disbursement_subscription_key: 'wrong',
    },
    cases: [
      GHS,
      { ...XOF, environment: 'mtnivorycoast' },
      { ...XOF, currency: 'GNF', method: momo('+224620000000'), environment: 'mtnguineaconakry' },
    ],
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'RESOURCE_NOT_FOUND' },
    idempotent: true,
    second: 'duplicate',
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
    refunds: { isTold: true },
    payouts: {
      cases: [TO_GHANA, { ...TO_IVORY_COAST, environment: 'mtnivorycoast' }],
      isTold: true,
      second: ['duplicate'],
      failed: { kind: 'declined' },
      broke: REFUSED,
      returns: false,
      tellsBalance: true,
    },
  },
  {
    gateway: 'monnify',
    credentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'sandbox-monnify-secret',
      contract_code: '4934121693',
      return_url: RETURN_URL,
      source_account_number: '3934178936',
    },
    wrongCredentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'wrong',
      contract_code: '4934121693',
      source_account_number: '3934178936',
    },
    cases: [NGN_TRANSFER, { ...NGN_TRANSFER, amountMinor: 250_099n }],
    byPage: NGN_PAGE,
    unheardOf: { kind: 'not_found', code: 'not_found' },
    idempotent: true,
    second: 'duplicate',
    declined: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
    tellsFailureBy: 'end',
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'authenticated',
    forged: 'rejected',
    refunds: { isTold: true },
    payouts: {
      cases: [TO_NIGERIA],
      isTold: true,
      // It may take the second one for another payout of the same amount.
      second: ['duplicate', 'not_sent'],
      failed: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
      broke: { kind: 'not_sent', blame: 'merchant' },
      returns: true,
      tellsBalance: true,
    },
    books: { charge: NGN_TRANSFER, hasSettlements: false },
  },
  {
    gateway: 'hubtel',
    credentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'sandbox-hubtel-key',
      pos_sales_id: '11684',
      return_url: RETURN_URL,
      prepaid_deposit_id: '2016001',
    },
    wrongCredentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'wrong',
      pos_sales_id: '11684',
      prepaid_deposit_id: '2016001',
    },
    cases: [GHS, { ...GHS, method: { type: 'mobile_money', network: 'telecel', phone: '+233201234567' } }],
    byPage: { ...GHS, method: { type: 'card' } },
    unheardOf: { kind: 'not_found', code: 'not_found' },
    idempotent: false,
    second: 'duplicate',
    // Only the callback tells, which nobody signed.
    declined: { kind: 'pending', code: 'Unpaid' },
    tellsFailureBy: 'callback',
    magic: tellsReasons.magic,
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
    payouts: {
      cases: [TO_GHANA],
      isTold: true,
      second: ['duplicate'],
      failed: { kind: 'declined', retryable: false },
      broke: { kind: 'not_sent', code: '4075', blame: 'merchant' },
      returns: false,
      tellsBalance: false,
    },
  },
  {
    gateway: 'orange_money',
    credentials: {
      client_id: 'sandbox-orange',
      client_secret: 'sandbox-orange-secret',
      merchant_key: 'sandbox-merchant',
      country: 'ci',
      return_url: RETURN_URL,
    },
    wrongCredentials: { client_id: 'sandbox-orange', client_secret: 'wrong', merchant_key: 'x', country: 'ci' },
    cases: [
      { ...XOF, method: { ...ORANGE, phone: '+2250701020304' } },
      { ...XOF, currency: 'XAF', method: { ...ORANGE, phone: '+237670000000' }, country: 'cm' },
      { ...XOF, currency: 'GNF', method: { ...ORANGE, phone: '+224620000000' }, country: 'gn' },
      { ...XOF, method: { ...ORANGE, phone: '+2250701020304' }, country: 'dev', moves: 'OUV' },
    ],
    byPage: { ...XOF, method: { ...ORANGE, phone: '+2250701020304' } },
    unheardOf: { kind: 'not_sent', blame: 'merchant' },
    idempotent: false,
    second: 'duplicate',
    declined: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
    tellsFailureBy: 'end',
    afterLostAnswer: 'unknown',
    tellsAmount: false,
    madeUpHandles: { pay_token: 'nonesuch' },
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
  },
  {
    gateway: 'wave',
    credentials: { api_key: 'wave_sn_test_sandbox', webhook_secret: 'wave_sn_WHS_sandbox', return_url: RETURN_URL },
    wrongCredentials: { api_key: 'wave_sn_test_wrong', webhook_secret: 'x', return_url: RETURN_URL },
    cases: [{ ...XOF, method: { ...WAVE, phone: '+221771234567' } }],
    byPage: { ...XOF, method: { ...WAVE, phone: '+221771234567' } },
    unheardOf: { kind: 'not_found', code: 'checkout-session-not-found' },
    idempotent: false,
    second: 'pending',
    // The session stays open.
    declined: { kind: 'pending', code: expect.stringMatching(/^(insufficient-funds|payment-failure)$/) as string },
    tellsFailureBy: 'code',
    declinedForUnknownReason: { kind: 'pending', code: expect.stringMatching(/moon.is.full/i) as string },
    magic: (ending) => ({ ...WAVE, phone: `+22177123${ending}` }),
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'authenticated',
    forged: 'rejected',
    refunds: { isTold: false, isFoundWhenMade: true, isBare: true },
    payouts: {
      cases: [{ currency: 'XOF', amountMinor: 1_500n, destination: wallet('wave', '+221771234567') }],
      isTold: false,
      // Its idempotency key gets the first answer again.
      second: ['pending', 'succeeded'],
      failed: { kind: 'declined', blame: 'ambiguous', retryable: false },
      broke: { kind: 'declined', code: 'insufficient-funds', blame: 'merchant', retryable: true },
      returns: true,
      tellsBalance: true,
    },
    books: { charge: { ...XOF, method: { ...WAVE, phone: '+221771234567' } }, hasSettlements: false },
  },
];
