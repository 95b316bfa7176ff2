/**
 * What a first start needs so that the README's curl lines work: a demo merchant with a test key, an administrator, and
 * accounts at the seven gateways that the sandbox impersonates. Running it again finds everything and makes nothing twice.
 */
import { randomBytes } from 'node:crypto';
import type { Env } from '../config/env.js';
import { Databases } from '../kernel/database/databases.js';
import { SessionCache } from '../kernel/access/session-cache.js';
import { newId } from '../kernel/ids/ids.js';
import { Logger } from '../kernel/observability/logger.js';
import { Vault } from '../kernel/secrets/vault.js';
import { AdminsStore } from '../modules/auth/admins/admins.store.js';
import { OWNER } from '../modules/auth/admins/roles.js';
import { RolesStore } from '../modules/auth/admins/roles.store.js';
import { Sessions } from '../modules/auth/admins/sessions.js';
import { SessionsStore } from '../modules/auth/admins/sessions.store.js';
import { SetAdmin } from '../modules/auth/admins/set-admin.js';
import { AuthStore } from '../modules/auth/auth.store.js';
import { CheckCredentials } from '../modules/auth/check-credentials.js';
import { CreateAdminKey } from '../modules/auth/create-admin-key.js';
import { CreateApiKey } from '../modules/auth/create-api-key.js';
import { CreateMerchant } from '../modules/auth/create-merchant.js';
import { demoPayoutFees } from './demo-fees.js';
import { upsertGatewayAccount } from '../modules/routing/gateway-accounts.js';

/** Everything that a person, or a program, needs to use the demo. */
export interface DemoCredentials {
  readonly secretKey: string;
  readonly adminKey: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
}

/** The demo merchant is the same one at every start, whatever else the database holds. */
const DEMO_MERCHANT = {
  id: '00000000-0000-7000-8000-000000000001',
  name: 'Demo merchant',
  platformFeeBps: 50,
} as const;
const DEMO_ADMIN_EMAIL = 'admin@example.com';

/** 18 bytes are 24 characters in base64url: beyond the 15 that passwords must have. */
const PASSWORD_BYTES = 18;

/**
 * The accounts that the sandbox's gateways know. They are no secrets: they open nothing but the sandbox, which listens on
 * this machine only. `offset` is the port above SANDBOX_PORT.
 */
const SANDBOX_ACCOUNTS = [
  { gateway: 'paystack', offset: 1, path: '', credentials: { secret_key: 'sk_test_sandbox_paystack' } },
  {
    gateway: 'flutterwave',
    offset: 2,
    // The real one is https://api.flutterwave.com/v3: the version is part of the base.
    path: '/v3',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
  },
  {
    gateway: 'mtn_momo',
    offset: 3,
    path: '',
    credentials: {
      api_user: '6a1f6c1e-0000-4000-8000-000000000001',
      api_key: 'sandbox-momo-key',
      subscription_key: 'sandbox-momo-subscription',
      target_environment: 'mtnghana',
      disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
      disbursement_api_key: 'sandbox-momo-disbursement-key',
      disbursement_subscription_key: 'sandbox-momo-disbursement-subscription',
    },
  },
  {
    gateway: 'monnify',
    offset: 4,
    path: '',
    credentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'sandbox-monnify-secret',
      contract_code: '4934121693',
      source_account_number: '3934178936',
    },
  },
  {
    gateway: 'wave',
    offset: 5,
    path: '',
    credentials: {
      api_key: 'wave_sn_test_sandbox',
      webhook_secret: 'wave_sn_WHS_sandbox',
      // Wave refuses what is not https, as the demo's own addresses are not.
      return_url: 'https://example.com/paid',
    },
  },
  {
    gateway: 'hubtel',
    offset: 6,
    path: '',
    credentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'sandbox-hubtel-key',
      pos_sales_id: '11684',
      prepaid_deposit_id: '2016001',
    },
  },
  {
    gateway: 'orange_money',
    offset: 7,
    path: '',
    credentials: {
      client_id: 'sandbox-orange',
      client_secret: 'sandbox-orange-secret',
      merchant_key: 'sandbox-merchant',
      country: 'ci',
    },
  },
] as const;

/**
 * Makes the demo's data, or finds it. Those of the previous credentials that the database still knows are kept; what is
 * missing, revoked or belongs to another database is made anew.
 * @throws {Error} in production, where nobody wants a known merchant and an open door.
 */
export async function bootstrapDemo(env: Env, previous?: DemoCredentials): Promise<DemoCredentials> {
  if (env.nodeEnv === 'production') throw new Error('The demo is not available when NODE_ENV is production');
  const databases = new Databases(env, new Logger(env));
  try {
    const store = new AuthStore(databases);
    const correlationId = newId('request');
    await new CreateMerchant(store).execute({ ...DEMO_MERCHANT, correlationId });
    const credentials = await demoCredentials(databases, store, previous, correlationId);
    await createGatewayAccounts(databases, new Vault(env), env.sandboxPort);
    return credentials;
  } finally {
    await databases.close();
  }
}

async function demoCredentials(
  databases: Databases,
  store: AuthStore,
  previous: DemoCredentials | undefined,
  correlationId: string,
): Promise<DemoCredentials> {
  const admins = new AdminsStore(databases);
  const check = new CheckCredentials(store, admins);
  const name = 'Demo';
  let { secretKey, adminKey, adminEmail, adminPassword } = previous ?? {};
  if (secretKey === undefined || !(await check.isKeyOf(DEMO_MERCHANT.id, secretKey))) {
    const command = { merchantId: DEMO_MERCHANT.id, livemode: false, name, correlationId };
    secretKey = (await new CreateApiKey(store).execute(command)).secret;
  }
  if (adminKey === undefined || !(await check.isAdminKey(adminKey))) {
    adminKey = (await new CreateAdminKey(store).execute({ name, permissions: null, correlationId })).secret;
  }
  adminEmail ??= DEMO_ADMIN_EMAIL;
  if (adminPassword === undefined || !(await check.isAdminPassword(adminEmail, adminPassword))) {
    adminPassword = randomBytes(PASSWORD_BYTES).toString('base64url');
    const sessions = new Sessions(new SessionsStore(databases), new RolesStore(databases), new SessionCache(databases));
    const admin = { email: adminEmail, name: 'Demo admin', role: OWNER, password: adminPassword };
    await new SetAdmin(admins, sessions).execute(admin, { correlationId });
  }
  return { secretKey, adminKey, adminEmail, adminPassword };
}

/** Platform-wide test accounts, preferred in the order of the list. The addresses follow SANDBOX_PORT at every start. */
async function createGatewayAccounts(databases: Databases, vault: Vault, sandboxPort: number): Promise<void> {
  for (const [index, account] of SANDBOX_ACCOUNTS.entries()) {
    await upsertGatewayAccount(databases.of('routing'), vault, {
      merchantId: null,
      livemode: false,
      gateway: account.gateway,
      name: 'main',
      baseUrl: `http://127.0.0.1:${sandboxPort + account.offset}${account.path}`,
      credentials: account.credentials,
      priority: index + 1,
      feesAtFirst: demoPayoutFees(account.gateway),
      enabled: true,
    });
  }
}
