/** Each screen is loaded when it is first opened. A screen of screens.ts that is missing here does not compile. */
import type { FunctionComponent } from 'react';
import type { DOORS, ScreenName } from '../screens.js';

type Load = () => Promise<FunctionComponent>;

export const SCREEN_COMPONENTS: Readonly<Record<ScreenName, Load>> = {
  merchants: () => import('../screens/merchants.js').then((screen) => screen.Merchants),
  merchant: () => import('../screens/merchant.js').then((screen) => screen.Merchant),
  payments: () => import('../screens/payments.js').then((screen) => screen.Payments),
  payment: () => import('../screens/payment.js').then((screen) => screen.PaymentDetail),
  approvals: () => import('../screens/approvals.js').then((screen) => screen.Approvals),
  approval: () => import('../screens/approval.js').then((screen) => screen.ApprovalDetail),
  trialBalance: () => import('../screens/trial-balance.js').then((screen) => screen.TrialBalance),
  ruleSets: () => import('../screens/rule-sets.js').then((screen) => screen.RuleSets),
  ruleSet: () => import('../screens/rule-set.js').then((screen) => screen.RuleSetDetail),
  cases: () => import('../screens/cases.js').then((screen) => screen.Cases),
  gateways: () => import('../screens/gateways.js').then((screen) => screen.Gateways),
  gateway: () => import('../screens/gateway.js').then((screen) => screen.GatewayDetail),
  maintenance: () => import('../screens/maintenance.js').then((screen) => screen.Maintenance),
  gatewayWebhooks: () => import('../screens/gateway-webhooks.js').then((screen) => screen.GatewayWebhooks),
  gatewayWebhook: () => import('../screens/gateway-webhook.js').then((screen) => screen.GatewayWebhookDetail),
  deadLetters: () => import('../screens/dead-letters.js').then((screen) => screen.DeadLetters),
  webhookDeliveries: () => import('../screens/webhook-deliveries.js').then((screen) => screen.WebhookDeliveries),
  breaks: () => import('../screens/breaks.js').then((screen) => screen.Breaks),
  break: () => import('../screens/break.js').then((screen) => screen.BreakDetail),
  resolutions: () => import('../screens/resolutions.js').then((screen) => screen.Resolutions),
  resolution: () => import('../screens/resolution.js').then((screen) => screen.ResolutionDetail),
  reconciliationRuns: () => import('../screens/reconciliation-runs.js').then((screen) => screen.ReconciliationRuns),
  reconciliationRun: () => import('../screens/reconciliation-run.js').then((screen) => screen.ReconciliationRunDetail),
  reconciliationReports: () =>
    import('../screens/reconciliation-reports.js').then((screen) => screen.ReconciliationReports),
  sources: () => import('../screens/sources.js').then((screen) => screen.Sources),
  sourceUpload: () => import('../screens/source-upload.js').then((screen) => screen.SourceUpload),
  source: () => import('../screens/source.js').then((screen) => screen.SourceDetail),
  settlements: () => import('../screens/settlements.js').then((screen) => screen.Settlements),
  bankLines: () => import('../screens/bank-lines.js').then((screen) => screen.BankLines),
  safeguarding: () => import('../screens/safeguarding.js').then((screen) => screen.Safeguarding),
  safeguardingCheck: () => import('../screens/safeguarding-check.js').then((screen) => screen.SafeguardingCheckDetail),
  mappings: () => import('../screens/mappings.js').then((screen) => screen.Mappings),
  mapping: () => import('../screens/mapping.js').then((screen) => screen.MappingDetail),
  admins: () => import('../screens/admins.js').then((screen) => screen.Admins),
  admin: () => import('../screens/admin.js').then((screen) => screen.AdminDetail),
  roles: () => import('../screens/roles.js').then((screen) => screen.Roles),
  role: () => import('../screens/role.js').then((screen) => screen.RoleDetail),
  invitations: () => import('../screens/invitations.js').then((screen) => screen.Invitations),
  audit: () => import('../screens/audit.js').then((screen) => screen.Audit),
  account: () => import('../screens/account.js').then((screen) => screen.Account),
};

export const DOOR_COMPONENTS: Readonly<Record<keyof typeof DOORS, Load>> = {
  signIn: () => import('../screens/sign-in.js').then((screen) => screen.SignIn),
  invitation: () => import('../screens/invitation.js').then((screen) => screen.AcceptInvitation),
  secondFactor: () => import('../screens/second-factor.js').then((screen) => screen.SecondFactorSetup),
};
