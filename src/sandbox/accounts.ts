/** A merchant's account at a gateway. */
export interface Account {
  readonly gateway: string;
  readonly name: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Where this account's webhooks go; `{gateway}` and `{account}` are already filled in. */
  readonly webhookUrl: string;
}

/** The name of the account every gateway has from the start. */
export const DEFAULT_ACCOUNT = 'main';

/**
 * The credentials of the account `main` of each gateway. They are public on purpose: they open nothing but this program.
 * The shapes follow the gateways': Paystack `sk_test_`, Flutterwave `FLWSECK_TEST-`, MTN a UUID v4 as API user, Monnify `MK_TEST_`,
 * Wave `wave_sn_`.
 */
export const DEFAULT_CREDENTIALS = {
  paystack: { secret_key: 'sk_test_sandbox_paystack' },
  flutterwave: { secret_key: 'FLWSECK_TEST-sandbox', secret_hash: 'sandbox-flutterwave-hash' },
  mtn_momo: {
    api_user: '6a1f6c1e-0000-4000-8000-000000000001',
    api_key: 'sandbox-momo-key',
    subscription_key: 'sandbox-momo-subscription',
    disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
    disbursement_api_key: 'sandbox-momo-disbursement-key',
    disbursement_subscription_key: 'sandbox-momo-disbursement-subscription',
  },
  monnify: {
    api_key: 'MK_TEST_SANDBOX',
    secret_key: 'sandbox-monnify-secret',
    contract_code: '4934121693',
    wallet_account_number: '3934178936',
  },
  wave: { api_key: 'wave_sn_test_sandbox', signing_secret: 'wave_sn_WHS_sandbox' },
  hubtel: {
    api_id: 'sandbox-hubtel',
    api_key: 'sandbox-hubtel-key',
    pos_sales_id: '11684',
    prepaid_deposit_id: '2016001',
  },
  orange_money: {
    client_id: 'sandbox-orange',
    client_secret: 'sandbox-orange-secret',
    merchant_key: 'sandbox-merchant',
  },
} as const;

/** The accounts of all gateways, found by name or by the credential a request carries. */
export class Accounts {
  private readonly byName = new Map<string, Account>();
  private readonly byCredential = new Map<string, Account>();

  constructor(private readonly webhookTemplate: string) {}

  /** Adds an account, or replaces the one of the same name; the old credentials stop working at once. */
  put(gateway: string, name: string, credentials: Readonly<Record<string, string>>, webhookUrl?: string): Account {
    const account: Account = {
      gateway,
      name,
      credentials,
      webhookUrl: (webhookUrl ?? this.webhookTemplate)
        .replaceAll('{gateway}', encodeURIComponent(gateway))
        .replaceAll('{account}', encodeURIComponent(name)),
    };
    this.byName.set(`${gateway} ${name}`, account);
    this.index();
    return account;
  }

  get(gateway: string, name: string): Account | undefined {
    return this.byName.get(`${gateway} ${name}`);
  }

  /** @returns the account of `gateway` whose credential `field` equals `value` exactly. */
  find(gateway: string, field: string, value: string): Account | undefined {
    return this.byCredential.get(`${gateway} ${field} ${value}`);
  }

  list(): Account[] {
    return [...this.byName.values()];
  }

  private index(): void {
    this.byCredential.clear();
    for (const account of this.byName.values()) {
      for (const [field, value] of Object.entries(account.credentials)) {
        this.byCredential.set(`${account.gateway} ${field} ${value}`, account);
      }
    }
  }
}
