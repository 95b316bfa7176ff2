/** Whether what others hold for us covers what we owe. Pure; amounts in minor units. */
import { groupBy } from '../../../kernel/collections/group-by.js';

export type CoverageStatus = 'covered' | 'unproved' | 'short';

export interface Unit {
  readonly livemode: boolean;
  readonly currency: string;
}

export interface OwedSide extends Unit {
  readonly merchants: bigint;
  readonly customers: bigint;
  /** Of both, what is held for refunds and payouts: it may have left already. */
  readonly onItsWay: bigint;
}

/** An account at a gateway. */
export interface GatewaySide extends Unit {
  readonly gatewayAccountId: string;
  /** What the books say that the gateway owes us. */
  readonly booked: bigint;
  /** What the gateway says that can be paid out; null where it does not say, or has not lately. */
  readonly told: bigint | null;
  /** What it says that it has settled, and that has not come in at the bank. */
  readonly underWay: bigint;
  /** What was captured so lately that it may be in neither yet. */
  readonly captured: bigint;
  /** Captures that the gateway's own books deny. */
  readonly denied: bigint;
}

/** An account at a bank. */
export interface BankSide extends Unit {
  readonly account: string;
  readonly closing: bigint;
  /** The day of that balance, `2026-11-27`. */
  readonly closedOn: string;
  /** Whether it is recent enough to be relied on. */
  readonly isRecent: boolean;
}

export interface GatewayPart {
  readonly gatewayAccountId: string;
  readonly booked: bigint;
  readonly told: bigint | null;
  readonly underWay: bigint;
  /** What is booked beyond what is told and under way, as far as late captures explain it. */
  readonly settling: bigint;
  /** What only the books say. */
  readonly unproved: bigint;
  /** What the books say, and the gateway's own figures contradict. */
  readonly contradicted: bigint;
}

export interface Coverage extends Unit {
  readonly status: CoverageStatus;
  readonly owed: bigint;
  readonly onItsWay: bigint;
  readonly held: bigint;
  readonly unproved: bigint;
  readonly shortfall: bigint;
  readonly gateways: readonly GatewayPart[];
  readonly banks: readonly BankSide[];
}

const ZERO = 0n;
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const atLeastNothing = (amount: bigint): bigint => (amount > ZERO ? amount : ZERO);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, ZERO);
const unitOf = ({ livemode, currency }: Unit): string => `${currency} ${livemode ? 'live' : 'test'}`;

/**
 * One judgement per currency in which anything is owed.
 *
 * Held is what somebody else says: what a gateway tells of our account there, what it has settled and is not at the bank yet, and what the bank's
 * last statement closes with. Gateways differ in whether their balance contains what was collected and is not settled; so what is booked beyond it
 * counts as held as well, up to what was captured in the last days and is not denied. Where a gateway tells nothing, or a statement is old, it is
 * unproved.
 */
export function judgeCoverage(
  owed: readonly OwedSide[],
  gateways: readonly GatewaySide[],
  banks: readonly BankSide[],
): readonly Coverage[] {
  const atGateways = groupBy(gateways, unitOf);
  const atBanks = groupBy(banks, unitOf);
  return owed.map((side) => judge(side, atGateways.get(unitOf(side)) ?? [], atBanks.get(unitOf(side)) ?? []));
}

function judge(side: OwedSide, gateways: readonly GatewaySide[], banks: readonly BankSide[]): Coverage {
  const parts = gateways.map(partOf);
  const [recent, old] = [banks.filter(({ isRecent }) => isRecent), banks.filter(({ isRecent }) => !isRecent)];
  const held =
    sum(parts.map(({ told, underWay, settling }) => (told ?? ZERO) + underWay + settling)) +
    sum(recent.map(({ closing }) => closing));
  const unproved = sum(parts.map((part) => part.unproved)) + sum(old.map(({ closing }) => atLeastNothing(closing)));
  const owed = side.merchants + side.customers;
  const shortfall = atLeastNothing(owed - least(side.onItsWay, owed) - held);
  return {
    livemode: side.livemode,
    currency: side.currency,
    status: shortfall === ZERO ? 'covered' : shortfall <= unproved ? 'unproved' : 'short',
    owed,
    onItsWay: side.onItsWay,
    held,
    unproved,
    shortfall,
    gateways: parts,
    banks,
  };
}

function partOf({ gatewayAccountId, booked, told, underWay, captured, denied }: GatewaySide): GatewayPart {
  const rest = atLeastNothing(booked - (told ?? ZERO) - underWay);
  const settling = told === null ? ZERO : least(rest, atLeastNothing(captured - denied));
  const unproved = told === null ? atLeastNothing(rest - denied) : ZERO;
  return {
    gatewayAccountId,
    booked,
    told,
    underWay,
    settling,
    unproved,
    contradicted: rest - settling - unproved,
  };
}
