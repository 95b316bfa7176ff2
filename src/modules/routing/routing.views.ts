/** How routing shows what it has to operators. */
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import { decisionsFor, type Attempt } from './attempt.js';
import type { AccountFloats } from './account-floats.js';
import type { Breakers } from './breakers.js';
import { DEFAULT_VALUES } from './choice/choose.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import { letterOf, shownReason, type NameAccount } from './reason.js';
import { routableKind } from './routable-kind.js';
import type { CaseRow, RoutedRow } from './routing-admin.store.js';
import type { Policy } from './rules/policy.js';
import { shownSubject } from './shown-subject.js';
import { shownHandles } from './withheld.js';

/** Names accounts; one that is gone has its id alone. */
export function namesOf(accounts: readonly RoutingAccount[]): NameAccount {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  return (id) => {
    const account = byId.get(id);
    return {
      gateway_account: encodeId('gatewayAccount', id),
      gateway: account?.gateway ?? null,
      name: account?.name ?? null,
    };
  };
}

/** What this process knows of accounts. */
export interface KnownOfAccounts {
  readonly breakers: Pick<Breakers, 'accountState'>;
  readonly disbursementBreakers: Pick<Breakers, 'accountState'>;
  readonly floats: Pick<AccountFloats, 'known'>;
}

export function shownAccount(
  account: RoutingAccount,
  { breakers, disbursementBreakers, floats }: KnownOfAccounts,
): Record<string, unknown> {
  return {
    object: 'gateway_account',
    id: encodeId('gatewayAccount', account.id),
    livemode: account.livemode,
    merchant_id: account.merchantId === null ? null : encodeId('merchant', account.merchantId),
    gateway: account.gateway,
    name: account.name,
    base_url: account.baseUrl,
    priority: account.priority,
    enabled: account.enabled,
    fees: account.fees,
    breaker: breakers.accountState(account.id),
    disbursement_breaker: disbursementBreakers.accountState(account.id),
    floats: floats
      .known()
      .filter(({ accountId }) => accountId === account.id)
      .map(({ currency, availableMinor, askedAt }) => ({
        currency,
        available: toJsonAmount(availableMinor),
        asked_at: askedAt.toISOString(),
      })),
    created_at: account.createdAt.toISOString(),
  };
}

export function shownCase(row: CaseRow, name: NameAccount): Record<string, unknown> {
  return {
    object: 'routing_case',
    id: encodeId('attempt', row.id),
    livemode: row.livemode,
    kind: row.kind,
    ...shownSubject(row.kind, row.paymentId),
    merchant_id: encodeId('merchant', row.merchantId),
    gateway: row.gateway,
    gateway_account: row.gatewayAccount.name,
    reference: row.reference,
    status: row.status,
    outcome_code: row.outcomeCode,
    blame: row.blame,
    /** What was asked. */
    amount: toJsonAmount(row.payment.amount),
    currency: row.payment.currency,
    method: shownMethod(row.payment.method ?? row.payment.destination),
    payment_state: row.payment.state,
    /** What the gateway says it took, and what it calls it: for looking it up there. */
    captured_amount: row.capturedAmount === null ? null : toJsonAmount(row.capturedAmount),
    captured_currency: row.capturedCurrency,
    handles: shownHandles(row.handles),
    acknowledged: row.acknowledged,
    late: row.late,
    times_sent_again: row.resendCount,
    not_found_count: row.notFoundCount,
    reason: shownReason(row.reason, name),
    checks: row.checks,
    decidable_as: decisionsFor(row as Pick<Attempt, 'status' | 'caseOpenedAt' | 'outcomeCode'>),
    sent_at: row.sentAt?.toISOString() ?? null,
    next_check_at: row.nextCheckAt?.toISOString() ?? null,
    opened_at: row.caseOpenedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

/** How a customer pays, or what is paid: never who. Phone numbers and tokens of cards have no place in a list. Null for a refund, which goes where its payment came from. */
function shownMethod(method: unknown): Record<string, unknown> | null {
  if (method === null) return null;
  const { type, network, bank } = method as { type: string; network?: string; bank?: string };
  return { type, ...(network === undefined ? {} : { network }), ...(bank === undefined ? {} : { bank }) };
}

export function shownRouted(row: RoutedRow, accounts: readonly RoutingAccount[]): Record<string, unknown> {
  const name = namesOf(accounts);
  return {
    object: `routed_${row.kind}`,
    id: encodeId(routableKind.parse(row.kind), row.paymentId),
    livemode: row.livemode,
    merchant_id: encodeId('merchant', row.merchantId),
    amount: toJsonAmount(row.amount),
    currency: row.currency,
    metadata: row.metadata,
    state: row.state,
    created_at: row.createdAt.toISOString(),
    attempts: row.attempts.map((attempt) => ({
      object: 'attempt',
      id: encodeId('attempt', attempt.id),
      sequence: attempt.sequence,
      ...name(attempt.gatewayAccountId),
      reference: attempt.reference,
      status: attempt.status,
      outcome_code: attempt.outcomeCode,
      blame: attempt.blame,
      gateway_fee: attempt.gatewayFee === null ? null : toJsonAmount(attempt.gatewayFee),
      reason: shownReason(attempt.reason, name),
      late: attempt.late,
      resend_count: attempt.resendCount,
      checks: attempt.checks,
      sent_at: attempt.sentAt?.toISOString() ?? null,
      concluded_at: attempt.concludedAt?.toISOString() ?? null,
      created_at: attempt.createdAt.toISOString(),
      decision: attempt.decision === null ? null : shownDecision(attempt.decision),
    })),
  };
}

function shownDecision(row: NonNullable<RoutedRow['attempts'][number]['decision']>): Record<string, unknown> {
  return {
    outcome: row.outcome,
    gateway_reference: row.gatewayReference,
    remark: row.remark,
    asked_by: encodeId('admin', row.askedBy),
    decided_by: encodeId('admin', row.decidedBy),
    approval: encodeId('approval', row.approvalId),
    decided_at: row.decidedAt.toISOString(),
  };
}

const BREAKER = { c: 'closed', o: 'open', h: 'half_open', p: 'half_open' } as const;

type Believed = Pick<Breakers, 'known' | 'look' | 'isNetworkDown'>;

/** @param known of charges; and of refunds and payouts, whose networks are called otherwise */
export function shownHealth(
  known: { readonly breakers: Believed; readonly disbursementBreakers: Believed },
  accounts: readonly RoutingAccount[],
  policy: Policy,
): Record<string, unknown> {
  const name = namesOf(accounts);
  const both = [known.breakers, known.disbursementBreakers];
  const looks = both.flatMap((breakers) =>
    breakers.look(
      breakers.known().map((segment) => ({ segment, feeShare: 0 })),
      DEFAULT_VALUES,
    ),
  );
  return {
    object: 'routing_health',
    rule_set_version: policy.version === 0 ? null : policy.version,
    networks: both.flatMap((breakers) =>
      [...new Set(breakers.known().map(({ network }) => network))]
        .toSorted()
        .map((network) => ({ network, down: breakers.isNetworkDown(network) })),
    ),
    segments: looks.map((look) => ({
      ...name(look.segment.accountId),
      network: look.segment.network,
      breaker: BREAKER[letterOf(look)],
      may_probe: look.mayProbe,
      success: { mean: look.success.mean, standard_deviation: look.success.standardDeviation },
      usual_success: { mean: look.usual.mean, standard_deviation: look.usual.standardDeviation },
      trouble: look.trouble,
      unknown_share: look.unknownShare,
      seconds: look.seconds,
    })),
    fees: accounts
      .filter(({ fees }) => fees.length > 0)
      .map((account) => ({ ...name(account.id), schedules: account.fees })),
    maintenance_windows: policy.windows.map((window) => ({
      id: encodeId('maintenanceWindow', window.id),
      gateway_account: window.gatewayAccountId === null ? null : encodeId('gatewayAccount', window.gatewayAccountId),
      gateway: window.gateway,
      network: window.network,
      from: new Date(window.startsAtMs).toISOString(),
      to: new Date(window.endsAtMs).toISOString(),
    })),
  };
}
