import fc from 'fast-check';
import type { AttemptStatus } from '../../contracts/shared.js';
import { LIVE_STATUSES, type Attempt, type Change, type Circumstances, type Finding } from './attempt.js';
import { decide } from './decide-attempt.js';
import { CHECK_SCHEDULE, pauseBeforeCheck } from './check-schedule.js';
import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);
const REFERENCE = '018f0000000070008000000000000001';

const base: Attempt = {
  id: '018f0000-0000-7000-8000-000000000001',
  kind: 'payment',
  paymentId: '018f0000-0000-7000-8000-000000000002',
  merchantId: '018f0000-0000-7000-8000-000000000003',
  livemode: false,
  sequence: 1,
  gateway: 'first',
  gatewayAccountId: '018f0000-0000-7000-8000-000000000004',
  reference: REFERENCE,
  status: 'sending',
  version: 3,
  outcomeCode: null,
  blame: null,
  handles: {},
  nextAction: null,
  gatewayFee: null,
  capturedAmount: null,
  capturedCurrency: null,
  sentAt: ago(10),
  nextCheckAt: ago(0),
  checks: 1,
  notFoundCount: 0,
  firstNotFoundAt: null,
  resendCount: 0,
  interrupted: false,
  acknowledged: false,
  late: false,
  sendToken: 'send',
  sendLeaseUntil: ago(-5),
  checkToken: 'check',
  createdAt: ago(11),
  concludedAt: null,
  caseOpenedAt: null,
};
const facts: Circumstances = {
  amountMinor: 100n,
  currency: 'GHS',
  methodType: 'mobile_money',
  hasWinner: false,
  capabilities: { idempotentCreate: false, notFoundTrustedAfterMs: null, returns: false },
  now: NOW,
  schedule: CHECK_SCHEDULE,
};

const STATUSES: readonly AttemptStatus[] = [
  'planned',
  'sending',
  'pending',
  'unknown',
  'succeeded',
  'declined',
  'not_sent',
  'surplus',
  'quarantined',
  'returned',
];
const OUTCOMES: Readonly<Record<GatewayOutcome['kind'], GatewayOutcome>> = {
  succeeded: {
    kind: 'succeeded',
    amountMinor: 100n,
    currency: 'GHS',
    reference: REFERENCE,
    feeMinor: 2n,
    code: 'ok',
    handles: { id: '1' },
  },
  pending: { kind: 'pending', code: 'wait', nextAction: null, handles: {} },
  declined: { kind: 'declined', code: 'no', blame: 'gateway', retryable: true, handles: {} },
  not_sent: { kind: 'not_sent', code: 'refused', blame: 'gateway' },
  not_found: { kind: 'not_found', code: 'none' },
  duplicate: { kind: 'duplicate', code: 'dup' },
  unknown: { kind: 'unknown', code: 'timeout' },
};
const SOURCES = ['charge', 'stale charge', 'check', 'stale check', 'webhook'] as const;
/** Outside of the schedule, and without a token. */
const UNSCHEDULED = ['question', 'action'] as const;
type Source = (typeof SOURCES)[number] | (typeof UNSCHEDULED)[number];

function finding(source: Source, outcome: MoneyOutOutcome): Finding {
  switch (source) {
    case 'charge':
      return { source: 'charge', token: 'send', outcome };
    case 'stale charge':
      return { source: 'charge', token: 'old', outcome };
    case 'check':
      return { source: 'check', token: 'check', outcome };
    case 'stale check':
      return { source: 'check', token: 'old', outcome };
    case 'webhook':
      return { source: 'webhook', claimsSuccess: true, outcome };
    case 'question':
    case 'action':
      return { source, outcome };
  }
}
const of = (change: Change): Attempt | undefined => ('next' in change ? change.next : undefined);
const at = (status: AttemptStatus, change: Partial<Attempt> = {}): Attempt => ({
  ...base,
  status,
  ...(status === 'planned' ? { sendToken: null } : {}),
  ...change,
});

/** Rows: the state before. Columns: the outcome. What it becomes; `=` means that the status stays. */
type Table = Record<AttemptStatus, Record<GatewayOutcome['kind'], string>>;
const same = {
  succeeded: '=',
  pending: '=',
  declined: '=',
  not_sent: '=',
  not_found: '=',
  duplicate: '=',
  unknown: '=',
};

const CHARGE: Table = {
  planned: { ...same, succeeded: 'succeeded', pending: 'pending', declined: 'declined' },
  sending: {
    succeeded: 'succeeded',
    pending: 'pending',
    declined: 'declined',
    not_sent: 'not_sent',
    not_found: '=',
    duplicate: 'unknown',
    unknown: 'unknown',
  },
  pending: { ...same, succeeded: 'succeeded', declined: 'declined' },
  unknown: { ...same, succeeded: 'succeeded', pending: 'pending', declined: 'declined' },
  declined: { ...same, succeeded: 'succeeded' },
  not_sent: { ...same, succeeded: 'succeeded' },
  succeeded: same,
  surplus: same,
  quarantined: same,
  returned: same,
};
/** A call whose place another has taken proves only what the gateway itself says of the reference. */
const STALE_CHARGE: Table = {
  ...CHARGE,
  planned: { ...same, succeeded: 'succeeded', pending: 'pending' },
  sending: { ...same, succeeded: 'succeeded', pending: 'pending', duplicate: 'unknown' },
  pending: { ...same, succeeded: 'succeeded' },
  unknown: { ...same, succeeded: 'succeeded', pending: 'pending' },
};
/** Queries: a failed one and "not found" end nothing. */
const QUERY: Table = {
  ...CHARGE,
  planned: { ...same, succeeded: 'succeeded', pending: 'pending', declined: 'declined' },
  sending: { ...same, succeeded: 'succeeded', pending: 'pending', declined: 'declined' },
  pending: { ...same, succeeded: 'succeeded', declined: 'declined' },
  unknown: { ...same, succeeded: 'succeeded', pending: 'pending', declined: 'declined' },
};
const TABLES: Readonly<Record<Source, Table>> = {
  charge: CHARGE,
  'stale charge': STALE_CHARGE,
  check: QUERY,
  'stale check': QUERY,
  webhook: QUERY,
  question: QUERY,
  action: QUERY,
};

describe.each(SOURCES)('what a %s says', (source) => {
  // A status query never answers `duplicate`, a charge never `not_found`.
  const kinds = (Object.keys(OUTCOMES) as GatewayOutcome['kind'][]).filter(
    (kind) => kind !== (source.includes('charge') ? 'not_found' : 'duplicate'),
  );
  const cases = STATUSES.flatMap((status) => kinds.map((kind) => [status, kind] as const));

  it.each(cases)('of a %s attempt: %s', (status, kind) => {
    // A planned attempt has no send token, so every charge outcome about one is stale.
    const table = source === 'charge' && status === 'planned' ? STALE_CHARGE : TABLES[source];
    const expected = table[status][kind];
    const attempt = at(status);
    const change = decide(attempt, finding(source, OUTCOMES[kind]), facts);
    expect(of(change)?.status ?? '=').toBe(expected === '=' && of(change) !== undefined ? status : expected);
  });
});

describe('success', () => {
  const success = OUTCOMES.succeeded;

  it('is surplus when another attempt has won', () => {
    for (const status of ['planned', 'sending', 'pending', 'unknown', 'declined', 'not_sent'] as const) {
      expect(decide(at(status), finding('check', success), { ...facts, hasWinner: true })).toMatchObject({
        kind: 'surplus',
        next: { status: 'surplus', capturedAmount: 100n, gatewayFee: 2n },
      });
    }
  });

  it('of an attempt that had been concluded is marked late, so that it may stand beside the one that followed', () => {
    const wrong = { ...success, amountMinor: 1n } as GatewayOutcome;
    for (const outcome of [success, wrong]) {
      for (const status of ['declined', 'not_sent'] as const) {
        expect(of(decide(at(status), finding('webhook', outcome), facts))?.late).toBe(true);
      }
      expect(of(decide(at('unknown'), finding('webhook', outcome), facts))?.late).toBe(false);
    }
  });

  it.each([
    ['amount', { amountMinor: 99n }],
    ['amount', { amountMinor: 101n }],
    ['amount', { amountMinor: 0n }],
    ['currency', { currency: 'NGN' }],
    ['reference', { reference: 'x' }],
  ] as const)('with another %s is quarantined, also when another attempt has won', (reason, change) => {
    for (const hasWinner of [false, true]) {
      const decided = decide(base, finding('charge', { ...success, ...change }), {
        ...facts,
        hasWinner,
      });
      expect(decided).toMatchObject({
        kind: 'quarantined',
        reason,
        next: { status: 'quarantined', nextCheckAt: null, caseOpenedAt: NOW },
      });
    }
  });

  it.each([{ currency: 'USD' }, { amountMinor: -1n }, { amountMinor: 2n ** 53n }])(
    'that cannot be booked blocks and calls for people: %j',
    (change) => {
      const decided = decide(base, finding('charge', { ...success, ...change }), facts);
      expect(decided).toMatchObject({ kind: 'waiting', next: { status: 'unknown', caseOpenedAt: NOW } });
      const next = of(decided) ?? base;
      for (const kind of ['declined', 'pending', 'not_found', 'not_sent', 'unknown'] as const) {
        expect(of(decide({ ...next, checkToken: 'check' }, finding('check', OUTCOMES[kind]), facts))?.status).toBe(
          'unknown',
        );
      }
    },
  );

  it('takes the reference in the form the gateway was given or in the plain one, and no fee that makes no sense', () => {
    const written = { ...base, reference: base.id.replace('7000', '4000') };
    for (const reference of [written.reference, written.reference.toUpperCase(), REFERENCE, base.id]) {
      expect(decide(written, finding('charge', { ...success, reference } as GatewayOutcome), facts).kind).toBe('won');
    }
    for (const feeMinor of [-1n, 101n, null]) {
      expect(
        of(decide(base, finding('charge', { ...success, feeMinor } as GatewayOutcome), facts))?.gatewayFee,
      ).toBeNull();
    }
  });
});

describe('not found', () => {
  const unknown = at('unknown', { acknowledged: false });
  const card: Circumstances = {
    ...facts,
    methodType: 'card',
    capabilities: { idempotentCreate: false, notFoundTrustedAfterMs: 60_000, returns: false },
  };
  const proven = { ...unknown, notFoundCount: 2, firstNotFoundAt: ago(60) };
  const none = finding('check', OUTCOMES.not_found);

  it('ends a card attempt after three, spread beyond what the gateway needs, and goes on watching it', () => {
    const change = decide(proven, none, card);
    expect(change).toMatchObject({ kind: 'concluded', retryable: true, next: { status: 'not_sent' } });
    expect(of(change)?.nextCheckAt).not.toBeNull();
  });

  it.each([
    ['two', { ...proven, notFoundCount: 1 }, card],
    ['too close together', { ...proven, firstNotFoundAt: ago(59) }, card],
    ['of a handset push', proven, { ...card, methodType: 'mobile_money' }],
    ['of USSD', proven, { ...card, methodType: 'ussd' }],
    [
      'where it never proves anything',
      proven,
      { ...card, capabilities: { idempotentCreate: false, notFoundTrustedAfterMs: null, returns: false } },
    ],
    ['after the gateway had known it', { ...proven, acknowledged: true }, card],
    ['while pending', { ...proven, status: 'pending' }, card],
  ] as const)('proves nothing: %s', (_, attempt, circumstances) => {
    expect(decide(attempt, none, circumstances)).toMatchObject({ kind: 'noted', next: { status: attempt.status } });
  });

  it('proves nothing when a webhook or a stale check brings it', () => {
    expect(decide(proven, finding('stale check', OUTCOMES.not_found), card)).toEqual({ kind: 'kept' });
    expect(of(decide(proven, finding('webhook', OUTCOMES.not_found), card))?.notFoundCount ?? 2).toBe(2);
  });

  it('while the call is in flight is asked again once its sender has ended', () => {
    const change = decide(at('sending', { sendLeaseUntil: ago(-5) }), none, card);
    expect(change).toMatchObject({
      kind: 'noted',
      next: { status: 'sending', notFoundCount: 0, nextCheckAt: ago(-6) },
    });
  });

  it('twice after the call ended sends it again, but only where duplicates are refused', () => {
    const dead = at('sending', { sendLeaseUntil: ago(1) });
    const safe: Circumstances = {
      ...facts,
      capabilities: { idempotentCreate: true, notFoundTrustedAfterMs: null, returns: false },
    };
    const first = of(decide(dead, none, safe)) ?? dead;
    expect(first).toMatchObject({ status: 'unknown', interrupted: true, notFoundCount: 1 });
    const again = { ...first, checkToken: 'check' };
    expect(decide(again, none, safe)).toMatchObject({
      kind: 'resend',
      next: { status: 'sending', resendCount: 1, interrupted: false },
      otherwise: { status: 'unknown', resendCount: 0, notFoundCount: 2 },
    });
    expect(decide(again, none, facts)).toMatchObject({ kind: 'noted', next: { status: 'unknown' } });
    expect(decide({ ...again, resendCount: 5 }, none, safe)).toMatchObject({
      kind: 'noted',
      next: { status: 'unknown' },
    });
    // A call that timed out is no different: at most one of the two can be taken. Once the gateway has known it, it is never sent again.
    expect(decide({ ...again, interrupted: false }, none, safe).kind).toBe('resend');
    expect(decide({ ...again, acknowledged: true }, none, safe)).toMatchObject({
      kind: 'noted',
      next: { status: 'unknown' },
    });
  });
});

describe('sending again', () => {
  const resent = at('sending', { resendCount: 1 });

  it('does not end on "not sent", which says nothing about the first call', () => {
    expect(decide(resent, finding('charge', OUTCOMES.not_sent), facts)).toMatchObject({
      kind: 'waiting',
      next: { status: 'unknown', interrupted: true },
    });
  });

  it('takes a duplicate as proof that the first call arrived, and asks at once', () => {
    expect(decide(resent, finding('charge', OUTCOMES.duplicate), facts)).toMatchObject({
      next: { status: 'unknown', acknowledged: true, interrupted: false, nextCheckAt: NOW },
    });
  });

  it('lets the dead sender, awake again, change nothing by a failure', () => {
    for (const kind of ['not_sent', 'unknown'] as const)
      expect(decide(resent, finding('stale charge', OUTCOMES[kind]), facts)).toEqual({ kind: 'kept' });
    expect(decide(resent, finding('stale charge', OUTCOMES.declined), facts)).toMatchObject({
      kind: 'noted',
      next: { status: 'sending', nextCheckAt: NOW },
    });
  });

  it('accepts from a sender that was only slow that nothing was sent', () => {
    const slow = at('unknown', { interrupted: true, notFoundCount: 1 });
    expect(decide(slow, finding('charge', OUTCOMES.not_sent), facts)).toMatchObject({
      kind: 'concluded',
      next: { status: 'not_sent' },
    });
    expect(decide(slow, finding('charge', OUTCOMES.unknown), facts)).toMatchObject({
      kind: 'waiting',
      next: { interrupted: false },
    });
  });
});

describe('diverting', () => {
  it.each(STATUSES)('touches a %s attempt only if nobody has begun to send it', (status) => {
    const change = decide(at(status), { source: 'divert', code: 'breaker_open' }, facts);
    expect(change.kind).toBe(status === 'planned' ? 'concluded' : 'kept');
  });
});

describe('the schedule', () => {
  it('is 5 s, 15 s, 30 s, 1 m, 2 m, 5 m, 15 m, then hourly, with jitter of a fifth', () => {
    expect(
      [0, 1, 2, 3, 4, 5, 6, 7, 50].map((checks) => pauseBeforeCheck(CHECK_SCHEDULE, checks, false, 0.5) / 1_000),
    ).toEqual([5, 15, 30, 60, 120, 300, 900, 3_600, 3_600]);
    expect([0, 1].map((random) => pauseBeforeCheck(CHECK_SCHEDULE, 0, false, random))).toEqual([4_000, 6_000]);
  });

  it('opens a case after 72 h, and only once', () => {
    const old = at('unknown', { sentAt: ago(72 * 3_600), checks: 80 });
    const opened = of(decide(old, finding('check', OUTCOMES.unknown), facts));
    expect(opened).toMatchObject({ status: 'unknown', caseOpenedAt: NOW, checks: 81 });
    const later = { ...facts, now: new Date(NOW.getTime() + 86_400_000) };
    expect(
      of(decide({ ...(opened ?? old), checkToken: 'check' }, finding('check', OUTCOMES.unknown), later))?.caseOpenedAt,
    ).toEqual(NOW);
  });

  it('stops watching a concluded attempt after 72 h', () => {
    const doubted = at('not_sent', { concludedAt: ago(72 * 3_600) });
    expect(of(decide(doubted, finding('check', OUTCOMES.not_found), facts))?.nextCheckAt).toBeNull();
  });
});

describe('money that goes out', () => {
  const payout = (status: AttemptStatus, change: Partial<Attempt> = {}): Attempt =>
    at(status, { kind: 'payout', ...change });
  const capabilities = { idempotentCreate: false, notFoundTrustedAfterMs: 60_000, returns: true };
  const out: Circumstances = { ...facts, methodType: null, capabilities };
  const returned: MoneyOutOutcome = { kind: 'returned', code: 'reversed', handles: { id: '1' } };
  const paid = (status: 'succeeded' | 'surplus'): Attempt =>
    payout(status, { capturedAmount: 100n, capturedCurrency: 'GHS', checks: 0 });

  it.each(['succeeded', 'surplus'] as const)('that was %s may come back, whoever says so', (status) => {
    for (const source of SOURCES) {
      expect(decide(paid(status), finding(source, returned), out)).toMatchObject({
        kind: 'returned',
        next: { status: 'returned', version: base.version + 1, outcomeCode: 'reversed', nextCheckAt: null },
      });
    }
  });

  it('of a payment never comes back', () => {
    const payment = at('succeeded', { nextCheckAt: null, checkToken: null });
    for (const source of SOURCES) expect(decide(payment, finding(source, returned), out)).toEqual({ kind: 'kept' });
  });

  it('that came back is over', () => {
    const over = payout('returned', { nextCheckAt: null, checkToken: null });
    for (const outcome of [...Object.values(OUTCOMES), returned])
      for (const source of SOURCES) expect(decide(over, finding(source, outcome), out)).toEqual({ kind: 'kept' });
  });

  it('that came back before anybody saw it paid is a plain failure, and goes nowhere else', () => {
    for (const status of ['sending', 'pending', 'unknown'] as const) {
      expect(decide(payout(status), finding('check', returned), out)).toMatchObject({
        kind: 'concluded',
        retryable: false,
        next: { status: 'declined', outcomeCode: 'reversed' },
      });
    }
  });

  it('is looked after for a while after the success, and no longer, where the gateway tells of returns', () => {
    const won = of(decide(payout('sending', { checks: 4 }), finding('charge', OUTCOMES.succeeded), out));
    let attempt = won ?? base;
    expect(attempt).toMatchObject({ status: 'succeeded', checks: 0 });
    let looks = 0;
    while (attempt.nextCheckAt !== null) {
      expect(attempt.nextCheckAt.getTime() - NOW.getTime()).toBe(CHECK_SCHEDULE.afterSuccessMs[looks]);
      const change = decide({ ...attempt, checkToken: 'check' }, finding('check', OUTCOMES.succeeded), out);
      expect(change.kind).toBe('noted');
      attempt = of(change) ?? base;
      looks += 1;
    }
    expect(looks).toBe(CHECK_SCHEDULE.afterSuccessMs.length);
    const elsewhere = { ...out, capabilities: { ...capabilities, returns: false } };
    expect(of(decide(payout('sending'), finding('charge', OUTCOMES.succeeded), elsewhere))?.nextCheckAt).toBeNull();
  });

  it('never goes back from a success for anything but a return', () => {
    for (const outcome of Object.values(OUTCOMES))
      for (const source of SOURCES)
        expect(of(decide(paid('succeeded'), finding(source, outcome), out))?.status ?? 'succeeded').toBe('succeeded');
  });

  it('is proven not to have left by "not found", where the gateway allows that: nobody was prompted', () => {
    const proven = payout('unknown', { notFoundCount: 2, firstNotFoundAt: ago(60) });
    const none = finding('check', OUTCOMES.not_found);
    expect(decide(proven, none, out)).toMatchObject({
      kind: 'concluded',
      retryable: true,
      next: { status: 'not_sent' },
    });
    const early = { ...proven, firstNotFoundAt: ago(59) };
    expect(decide(early, none, out)).toMatchObject({ kind: 'noted', next: { status: 'unknown' } });
    const never = { ...out, capabilities: { ...capabilities, notFoundTrustedAfterMs: null } };
    expect(decide(proven, none, never)).toMatchObject({ kind: 'noted', next: { status: 'unknown' } });
  });

  it('is withdrawn only before anything was sent', () => {
    const withdraw = { source: 'withdraw', code: 'insufficient_float' } as const;
    expect(decide(payout('planned'), withdraw, out)).toMatchObject({
      kind: 'concluded',
      retryable: true,
      next: { status: 'not_sent', outcomeCode: 'insufficient_float', blame: 'merchant' },
    });
    for (const status of STATUSES.filter((each) => each !== 'planned'))
      expect(decide(payout(status), withdraw, out)).toEqual({ kind: 'kept' });
  });
});

describe('what is found out outside of the schedule', () => {
  const asked = { type: 'enter_otp', message: 'Type it' } as const;
  const waiting = at('pending', { nextAction: asked, checks: 2, nextCheckAt: new Date(NOW.getTime() + 3_600_000) });

  it('leaves the schedule as it was when a question brings nothing new', () => {
    for (const kind of ['pending', 'not_found', 'unknown', 'not_sent'] as const)
      expect(decide(waiting, finding('question', OUTCOMES[kind]), facts)).toEqual({ kind: 'kept' });
  });

  it('asks nothing more of a customer who has typed it, and announces that', () => {
    const change = decide(waiting, finding('action', OUTCOMES.pending), facts);
    expect(change).toMatchObject({ kind: 'waiting', announce: true });
    expect(of(change)).toMatchObject({ nextAction: null, checks: 2, nextCheckAt: new Date(NOW.getTime() + 5_000) });
  });

  it('asks soon after an entry whose end is not known, and changes nothing after one that did not arrive', () => {
    const change = decide(waiting, finding('action', OUTCOMES.unknown), facts);
    expect(change).toMatchObject({ kind: 'noted' });
    expect(of(change)).toMatchObject({ nextAction: asked, nextCheckAt: new Date(NOW.getTime() + 5_000) });
    expect(decide(waiting, finding('action', OUTCOMES.not_sent), facts)).toEqual({ kind: 'kept' });
  });
});

describe('what two people decided', () => {
  const asCase = (status: AttemptStatus, changes: Partial<Attempt> = {}): Attempt =>
    at(status, { caseOpenedAt: ago(60), ...changes });
  const succeeded = { source: 'decision', outcome: OUTCOMES.succeeded } as Finding;
  const failed = { source: 'decision', outcome: OUTCOMES.declined } as Finding;

  it('ends a case as the gateway would have, and takes it off the list', () => {
    for (const status of ['unknown', 'pending'] as const) {
      expect(decide(asCase(status), succeeded, facts)).toMatchObject({
        kind: 'won',
        next: { status: 'succeeded', capturedAmount: 100n, caseOpenedAt: null, nextCheckAt: null },
      });
      expect(decide(asCase(status), succeeded, { ...facts, hasWinner: true })).toMatchObject({ kind: 'surplus' });
    }
  });

  it('sends nothing elsewhere after a failure, though another gateway could help, and goes on asking', () => {
    const change = decide(
      asCase('unknown'),
      { source: 'decision', outcome: { ...OUTCOMES.declined, retryable: true } } as Finding,
      facts,
    );
    expect(change).toMatchObject({
      kind: 'concluded',
      retryable: false,
      next: { status: 'declined', caseOpenedAt: null, nextCheckAt: new Date(NOW.getTime() + 3_600_000) },
    });
    expect(decide(of(change) ?? base, finding('check', OUTCOMES.succeeded), facts)).toMatchObject({
      kind: 'won',
      next: { status: 'succeeded', late: true },
    });
  });

  it('changes nothing that is no case, or has ended', () => {
    for (const change of [succeeded, failed]) {
      for (const status of ['unknown', 'pending'] as const)
        expect(decide(at(status), change, facts)).toEqual({ kind: 'kept' });
      for (const status of STATUSES.filter((each) => each !== 'unknown' && each !== 'pending'))
        expect(decide(asCase(status), change, facts)).toEqual({ kind: 'kept' });
    }
  });

  it('is no success of what was asked where the gateway reports money in a currency that is not booked', () => {
    const unbookable = asCase('unknown', { outcomeCode: 'unbookable_capture' });
    expect(decide(unbookable, succeeded, facts)).toEqual({ kind: 'kept' });
    expect(decide(unbookable, failed, facts)).toMatchObject({ kind: 'concluded', next: { status: 'declined' } });
  });
});

describe('any sequence of findings', () => {
  const anyFinding = fc.tuple(fc.constantFrom(...SOURCES, ...UNSCHEDULED), fc.constantFrom(...Object.values(OUTCOMES)));

  it("never loses money once seen, never goes back from an end, and keeps a live attempt on somebody's list", () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 25 }), fc.boolean(), (findings, idempotentCreate) => {
        let attempt = base;
        for (const [source, outcome] of findings) {
          const before = attempt;
          const change = decide({ ...attempt, checkToken: 'check' }, finding(source, outcome), {
            ...facts,
            capabilities: { idempotentCreate, notFoundTrustedAfterMs: 0, returns: false },
          });
          attempt = of(change) ?? attempt;
          if (outcome.kind === 'succeeded') expect(attempt.status).toBe('succeeded');
          if (before.status === 'succeeded') expect(attempt.status).toBe('succeeded');
          if (!LIVE_STATUSES.has(before.status)) expect(LIVE_STATUSES.has(attempt.status)).toBe(false);
          if (LIVE_STATUSES.has(attempt.status)) expect(attempt.nextCheckAt).not.toBeNull();
          expect(attempt.version).toBeGreaterThanOrEqual(before.version);
          if (attempt.status !== before.status) expect(attempt.version).toBe(before.version + 1);
          // A mobile-money attempt ends without money only by the gateway's word or because nothing left this process.
          if (change.kind === 'concluded') expect(['declined', 'not_sent']).toContain(outcome.kind);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
