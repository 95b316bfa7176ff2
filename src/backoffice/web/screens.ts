/**
 * Every screen there is: where it stands, and what a session must be allowed for it to be offered. The router, the navigation, the palette and
 * the browser tests are made from this list, so that a screen that is added here is reachable, guarded and tested.
 */
import type { AdminArea } from './api/permissions.js';

export interface Screen {
  /** Below /backoffice; `$name` is a parameter. */
  readonly path: string;
  /** Whoever may read that area is offered it; `any`: whoever may read some area; absent: everybody who is signed in. */
  readonly area?: AdminArea | 'any';
  /** In the navigation, in this group; absent: it is reached from another screen. */
  readonly group?: 'operations' | 'reconciliation' | 'people' | 'self';
  /** The prefix of the ids whose page it is, for the palette. */
  readonly idPrefix?: string;
}

/** Where the app stands. */
export const BASE = '/backoffice';

export const SCREENS = {
  merchants: { path: '/merchants', area: 'merchants', group: 'operations' },
  merchant: { path: '/merchants/$id', area: 'merchants', idPrefix: 'mer' },
  payments: { path: '/payments', area: 'payments', group: 'operations' },
  payment: { path: '/payments/$id', area: 'payments', idPrefix: 'pay' },
  approvals: { path: '/approvals', area: 'any', group: 'operations' },
  approval: { path: '/approvals/$id', area: 'any', idPrefix: 'apr' },
  refunds: { path: '/refunds', area: 'payments', group: 'operations' },
  refund: { path: '/refunds/$id', area: 'payments', idPrefix: 're' },
  payouts: { path: '/payouts', area: 'payments', group: 'operations' },
  payout: { path: '/payouts/$id', area: 'payments', idPrefix: 'po' },
  feeSchedules: { path: '/fee-schedules', area: 'payments', group: 'operations' },
  ledgerAccounts: { path: '/ledger-accounts', area: 'ledger', group: 'operations' },
  ledgerAccount: { path: '/ledger-accounts/$id', area: 'ledger', idPrefix: 'acct' },
  transfer: { path: '/transfers/$id', area: 'ledger', idPrefix: 'tr' },
  release: { path: '/releases/$id', area: 'ledger', idPrefix: 'rls' },
  drifts: { path: '/drifts', area: 'ledger', group: 'operations' },
  settlementPolicies: { path: '/settlement-policies', area: 'ledger', group: 'operations' },
  trialBalance: { path: '/trial-balance', area: 'ledger', group: 'operations' },
  ruleSets: { path: '/rules', area: 'routing', group: 'operations' },
  ruleSet: { path: '/rules/$version', area: 'routing' },
  cases: { path: '/cases', area: 'routing', group: 'operations' },
  gateways: { path: '/gateways', area: 'routing', group: 'operations' },
  gateway: { path: '/gateways/$id', area: 'routing', idPrefix: 'gwa' },
  maintenance: { path: '/maintenance', area: 'routing', group: 'operations' },
  gatewayWebhooks: { path: '/gateway-webhooks', area: 'routing', group: 'operations' },
  gatewayWebhook: { path: '/gateway-webhooks/$id', area: 'routing', idPrefix: 'gwh' },
  deadLetters: { path: '/dead-letters', area: 'queues', group: 'operations' },
  webhookDeliveries: { path: '/webhook-deliveries', area: 'webhooks', group: 'operations' },
  breaks: { path: '/breaks', area: 'reconciliation', group: 'reconciliation' },
  break: { path: '/breaks/$id', area: 'reconciliation', idPrefix: 'brk' },
  resolutions: { path: '/resolutions', area: 'reconciliation', group: 'reconciliation' },
  resolution: { path: '/resolutions/$id', area: 'reconciliation', idPrefix: 'rsn' },
  reconciliationRuns: { path: '/reconciliation-runs', area: 'reconciliation', group: 'reconciliation' },
  reconciliationRun: { path: '/reconciliation-runs/$id', area: 'reconciliation', idPrefix: 'rcr' },
  reconciliationReports: { path: '/reconciliation-reports', area: 'reconciliation', group: 'reconciliation' },
  sources: { path: '/sources', area: 'reconciliation', group: 'reconciliation' },
  sourceUpload: { path: '/sources/new', area: 'reconciliation' },
  source: { path: '/sources/$id', area: 'reconciliation', idPrefix: 'rcs' },
  settlements: { path: '/settlements', area: 'reconciliation', group: 'reconciliation' },
  bankLines: { path: '/bank-lines', area: 'reconciliation', group: 'reconciliation' },
  safeguarding: { path: '/safeguarding', area: 'reconciliation', group: 'reconciliation' },
  safeguardingCheck: { path: '/safeguarding/$id', area: 'reconciliation', idPrefix: 'sgc' },
  mappings: { path: '/mappings', area: 'reconciliation', group: 'reconciliation' },
  mapping: { path: '/mappings/$id', area: 'reconciliation' },
  messages: { path: '/messages', area: 'webhooks', group: 'operations' },
  message: { path: '/messages/$id', area: 'webhooks', idPrefix: 'msg' },
  admins: { path: '/team', area: 'team', group: 'people' },
  admin: { path: '/team/$id', area: 'team', idPrefix: 'adm' },
  roles: { path: '/roles', area: 'team', group: 'people' },
  role: { path: '/roles/$name', area: 'team' },
  invitations: { path: '/invitations', area: 'team', group: 'people' },
  audit: { path: '/audit', area: 'audit', group: 'people' },
  account: { path: '/account', group: 'self' },
} as const satisfies Readonly<Record<string, Screen>>;

export type ScreenName = keyof typeof SCREENS;

/** Without a session. */
export const DOORS = {
  signIn: { path: '/sign-in' },
  invitation: { path: '/invitation' },
  secondFactor: { path: '/second-factor' },
} as const satisfies Readonly<Record<string, Screen>>;
