/**
 * Accounts at all seven gateways: those that cover several markets for every merchant, and at those whose wallets know one country only an
 * account of its own for each merchant that trades there.
 */
import { Databases } from '../../../src/kernel/database/databases.js';
import { readEnv } from '../../../src/config/env.js';
import { decodeId } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import { upsertGatewayAccount } from '../../../src/modules/routing/gateway-accounts.js';
import type { SandboxProgram } from '../../support/program.js';
import type { Cluster } from './cluster.js';
import type { Merchant } from './merchants.js';

/** They do cards, transfers and wallets in several countries. */
export const GENERALISTS = ['paystack', 'flutterwave'] as const;
export const SPECIALISTS = ['mtn_momo', 'monnify', 'hubtel', 'wave', 'orange_money'] as const;
/** In the order in which they are tried unless a plan says otherwise. */
export const GATEWAYS = [...GENERALISTS, ...SPECIALISTS] as const;
export type GatewayName = (typeof GATEWAYS)[number];

interface SimulatedAccount {
  readonly gateway: GatewayName;
  readonly name: string;
  /** Index of the merchant whose own it is; absent: for all. */
  readonly owner?: number;
  /** What the adapter needs; where the sandbox has the account from the start, what it has there. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What the sandbox is told of it. Absent: it knows it already. */
  readonly atSandbox?: Readonly<Record<string, string>>;
}

/** A product's keys at MTN, made of a digit: its users are UUIDs of version 4. */
function mtnKeys(digit: number): Readonly<Record<string, string>> {
  return {
    api_user: `6a1f6c1e-000${digit}-4000-8000-000000000001`,
    api_key: `simulated-momo-key-${digit}`,
    subscription_key: `simulated-momo-subscription-${digit}`,
    disbursement_api_user: `6a1f6c1e-000${digit}-4000-8000-000000000002`,
    disbursement_api_key: `simulated-momo-disbursement-key-${digit}`,
    disbursement_subscription_key: `simulated-momo-disbursement-subscription-${digit}`,
  };
}

function orangeKeys(digit: number): Readonly<Record<string, string>> {
  return {
    client_id: `simulated-orange-${digit}`,
    client_secret: `simulated-orange-secret-${digit}`,
    merchant_key: `simulated-merchant-${digit}`,
  };
}

function mtn(owner: number, name: string, environment: string): SimulatedAccount {
  const keys = mtnKeys(owner + 1);
  const credentials = { ...keys, target_environment: environment };
  return { gateway: 'mtn_momo', name, owner, credentials, atSandbox: keys };
}

function orange(owner: number, name: string, country: string): SimulatedAccount {
  const keys = orangeKeys(owner + 1);
  return { gateway: 'orange_money', name, owner, credentials: { ...keys, country }, atSandbox: keys };
}

/** Where merchants trade: `orders.ts` sends them the customers of their own markets. */
const ACCOUNTS: readonly SimulatedAccount[] = [
  { gateway: 'paystack', name: 'main', credentials: { secret_key: 'sk_test_sandbox_paystack' } },
  {
    gateway: 'flutterwave',
    name: 'main',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
  },
  mtn(0, 'ghana', 'mtnghana'),
  mtn(1, 'ivory-coast', 'mtnivorycoast'),
  mtn(2, 'cameroon', 'mtncameroon'),
  {
    gateway: 'monnify',
    name: 'main',
    credentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'sandbox-monnify-secret',
      contract_code: '4934121693',
      source_account_number: '3934178936',
    },
  },
  {
    gateway: 'hubtel',
    name: 'main',
    credentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'sandbox-hubtel-key',
      pos_sales_id: '11684',
      prepaid_deposit_id: '2016001',
    },
  },
  {
    gateway: 'wave',
    name: 'main',
    credentials: {
      api_key: 'wave_sn_test_sandbox',
      webhook_secret: 'wave_sn_WHS_sandbox',
      // Wave takes addresses with https only.
      return_url: 'https://shop.example/back',
    },
  },
  orange(1, 'ivory-coast', 'ci'),
  orange(2, 'guinea', 'gn'),
];

/** What an account holds in one currency. */
export interface Purse {
  readonly gateway: GatewayName;
  readonly account: string;
  readonly currency: string;
}

/** Those that payouts come out of. */
export const PURSES: readonly Purse[] = [
  { gateway: 'paystack', account: 'main', currency: 'NGN' },
  { gateway: 'flutterwave', account: 'main', currency: 'NGN' },
  { gateway: 'monnify', account: 'main', currency: 'NGN' },
  { gateway: 'mtn_momo', account: 'ghana', currency: 'GHS' },
  { gateway: 'mtn_momo', account: 'ivory-coast', currency: 'XOF' },
  { gateway: 'mtn_momo', account: 'cameroon', currency: 'XAF' },
  { gateway: 'hubtel', account: 'main', currency: 'GHS' },
  { gateway: 'wave', account: 'main', currency: 'XOF' },
];

/** The version is part of Flutterwave's base address. */
const PATHS: Readonly<Partial<Record<GatewayName, string>>> = { flutterwave: '/v3' };

/** Opens the accounts, here and at the sandbox. The demo's accounts at MTN and Orange are closed: each country has one of its own. */
export async function openGatewayAccounts(
  databaseUrl: string,
  sandbox: SandboxProgram,
  merchants: readonly Merchant[],
): Promise<void> {
  const env = readEnv({ DATABASE_URL: databaseUrl, NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const databases = new Databases(env, new Logger(env));
  const open = (account: SimulatedAccount, merchantId: string | null, enabled = true): Promise<string> =>
    upsertGatewayAccount(databases.of('routing'), new Vault(env), {
      ...account,
      merchantId,
      livemode: false,
      baseUrl: `${sandbox.gateways[account.gateway]}${PATHS[account.gateway] ?? ''}`,
      priority: GATEWAYS.indexOf(account.gateway) + 1,
      enabled,
    });
  try {
    for (const account of ACCOUNTS) {
      const { gateway, name, atSandbox, owner } = account;
      if (atSandbox !== undefined) await sandbox.addAccount(gateway, name, atSandbox);
      const merchant = owner === undefined ? undefined : merchants[owner];
      await open(account, merchant === undefined ? null : (decodeId('merchant', merchant.id) ?? ''));
    }
    for (const gateway of ['mtn_momo', 'orange_money'] as const)
      await open({ gateway, name: 'main', credentials: {} }, null, false);
  } finally {
    await databases.close();
  }
}

/** An operator changes the order in which gateways are tried; running processes notice within a few seconds. */
export async function reorderGateways(cluster: Cluster, order: readonly GatewayName[]): Promise<void> {
  await cluster.query('UPDATE routing.gateway_account SET priority = array_position($1::text[], gateway)', [order]);
}
