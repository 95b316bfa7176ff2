/** One run: starts a world, loads and disturbs it, lets it come to rest, and judges it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCounters, type Counters } from './counters.js';
import { Customers } from './customers.js';
import { describePlan, type Moment, type Plan } from './director.js';
import { PLAYERS } from './faults/disturbances.js';
import { clearWeather, setWeather } from './faults/gateway-faults.js';
import { Journal } from './journal.js';
import { pause, readAll, repeatAll, runLoad, type LoadTools } from './load.js';
import { reconcile } from './reconcile.js';
import { settleAtBank } from './settle-at-bank.js';
import { OperatorDesk } from './operator-desk.js';
import { operatorsBroke } from './operators-judged.js';
import { RefundDesk } from './refund-desk.js';
import { gatherEvidence, type Evidence } from './oracle/evidence.js';
import { TOOK_MONEY } from './oracle/invariant.js';
import { cannotBeAsked, waitsForCustomer } from './oracle/open-questions.js';
import { judge, type Broken } from './oracle/oracle.js';
import { describeTrail } from './trail.js';
import { startWorld, type World } from './world/world.js';

export interface RunOptions {
  /** Empty, and removed by the caller. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly verbose: boolean;
  /** Told when everything has been sent and disturbed; from here on little is to do but to wait. */
  readonly onLoaded?: () => void;
}

export interface RunResult {
  readonly seed: number;
  /** Undefined: everything holds. */
  readonly broken: { readonly invariant: string; readonly text: string } | undefined;
  readonly counters: Readonly<Record<string, number>>;
  readonly payments: number;
  readonly seconds: number;
}

type JudgeTools = LoadTools & { readonly customers: Customers; readonly refunds: RefundDesk };

/** Merchants' servers fail so often while the run lasts. */
const MISBEHAVIOUR = 0.08;
/** Between two looks at whether everything has come to rest. */
const LOOK_EVERY_MS = 1_000;
/** A look reads everything: between two of them it is left alone for so many times as long as one takes. */
const LEFT_ALONE = 4;
/** The longest that a merchant thinks it over, and some more for the payment to succeed. In ms. */
const REFUNDS_FOLLOW_MS = 8_000;
/** Refunds that gateways hold up are not waited for longer than this before the weather clears, in ms; and how long a turn of it is. */
const AFTERWARDS_AT_MOST_MS = 60_000;
const TURN_AFTERWARDS_MS = 6_000;
/** What a run finds is asked about again; within this, in ms, all that follows has followed. */
const ASKED_AGAIN_MS = 60_000;
/** However much still changes, a run ends after so many times its patience. */
const MOST_PATIENCES = 4;
/** Violations shown. */
const SHOWN = 5;

/** Without these a run has proved nothing. */
const NEVER_VACUOUS = ['unknown_then_success'] as const;

export async function run(plan: Plan, options: RunOptions): Promise<RunResult> {
  const startedAt = performance.now();
  const { signal, say, verbose } = options;
  const counters = createCounters();
  const undo: (() => Promise<unknown> | void)[] = [];
  const note = (text: string): void => {
    if (verbose) say(`  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s ${text}`);
  };
  if (verbose) say(describePlan(plan));
  try {
    const world = await startWorld(plan, { ...options, counters, note, cleanup: (step) => undo.push(step) });
    note('the world stands');
    const journal = new Journal();
    const tools: LoadTools = { world, journal, counters, signal };
    const customers = new Customers(plan.orders, world, counters, signal);
    const refunds = new RefundDesk(plan.refunds, tools);
    const operators = new OperatorDesk(plan.operators, tools);
    for (const merchant of world.merchants) merchant.misbehave(MISBEHAVIOUR);
    const stage = new Stage(plan, world, counters, note, signal);
    const load = runLoad(plan.orders, plan.payouts, tools);
    const [loaded, played] = await Promise.allSettled([load, stage.play(load, refunds), operators.play()]);
    for (const part of [played, loaded]) if (part.status === 'rejected') throw part.reason;
    for (const merchant of world.merchants) merchant.misbehave(0);
    note('the load has been accepted; waiting for quiet');
    options.onLoaded?.();
    const rest = await comeToRest(plan, { ...tools, customers, refunds }, note);
    const compared =
      rest.broken === undefined
        ? await compareBooks(plan, rest.evidence, { ...tools, customers, refunds }, note)
        : rest;
    const { evidence } = compared;
    const broken = compared.broken ?? (await operatorsBroke(operators, world));
    countWhatWasMet(evidence, counters);
    const vacuous = NEVER_VACUOUS.find((name) => counters.get(name) === 0);
    const text =
      broken === undefined
        ? vacuous && `the run never met ${vacuous}: it proves nothing`
        : await describeBroken(broken, evidence, world);
    return {
      seed: plan.seed,
      broken: text === undefined ? undefined : { invariant: broken?.invariant ?? 'not_vacuous', text },
      counters: counters.all(),
      payments: journal.entries.length,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
    };
  } finally {
    for (const step of undo.reverse()) {
      await Promise.resolve(step()).catch((error: unknown) =>
        say(`something was left behind: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }
}

/** Plays the plan's disturbances and weather, then puts everything in order. */
class Stage {
  constructor(
    private readonly plan: Plan,
    private readonly world: World,
    private readonly counters: Counters,
    private readonly note: (text: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  async play(load: Promise<void>, refunds: RefundDesk): Promise<void> {
    const { plan, world, counters } = this;
    const startedAt = performance.now();
    const playing: Promise<void>[] = [];
    const at = (atMs: number): Promise<void> => pause(atMs - (performance.now() - startedAt), this.signal);
    const weather = async (): Promise<void> => {
      for (const { atMs, ...turn } of plan.weather) {
        await at(atMs);
        if (!this.signal.aborted) await setWeather(world, turn, counters);
      }
    };
    const disturbances = async (): Promise<void> => {
      for (const moment of plan.moments) {
        await at(moment.atMs);
        if (!this.signal.aborted) playing.push(this.disturb(moment));
      }
    };
    await Promise.all([weather(), disturbances(), at(plan.seconds * 1_000)]);
    await Promise.all(playing);
    this.signal.throwIfAborted();
    world.fleet.calm();
    world.proxy.forgetOrders();
    if (plan.profile.weatherOutlastsLoad) await this.playAfterwards(load, refunds);
    this.signal.throwIfAborted();
    await clearWeather(world, counters);
  }

  /** The load takes longer than planned, and refunds follow it: they would all meet calm weather. */
  private async playAfterwards(load: Promise<void>, refunds: RefundDesk): Promise<void> {
    const { plan, world, counters, signal } = this;
    let isLoaded = false;
    const loading = Promise.allSettled([load]).then(() => (isLoaded = true));
    const turns = plan.weatherAfterwards.values();
    const startedAt = performance.now();
    let lastBusyAt = startedAt;
    let turnedAt = startedAt;
    const isOver = (now: number): boolean =>
      now - lastBusyAt > REFUNDS_FOLLOW_MS || (isLoaded && now - startedAt > AFTERWARDS_AT_MOST_MS);
    for (let now = startedAt; !isOver(now) && !signal.aborted; now = performance.now()) {
      if (now - turnedAt >= TURN_AFTERWARDS_MS) {
        turnedAt = now;
        const turn = turns.next();
        if (turn.done !== true) await setWeather(world, turn.value, counters);
      }
      if (!isLoaded || !refunds.isIdle()) lastBusyAt = performance.now();
      await pause(LOOK_EVERY_MS, signal);
    }
    await loading;
  }

  private async disturb(moment: Moment): Promise<void> {
    const met = (): void => {
      this.note(`${moment.kind} met`);
      this.counters.add(moment.kind);
    };
    this.note(`${moment.kind} ${moment.slot} ${moment.ms === 0 ? '' : `for ${moment.ms} ms`}`);
    try {
      if (await PLAYERS[moment.kind]({ world: this.world, moment, met })) this.counters.add(moment.kind);
    } catch (error) {
      // PostgreSQL was away just then: not met, not counted.
      this.note(`${moment.kind} could not be played: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/**
 * Looks until nothing is broken any more, or nothing has changed for as long as the profile allows: on a busy machine everything takes
 * its time, and goes on. A permanent break ends it at once.
 */
async function comeToRest(
  plan: Plan,
  tools: JudgeTools,
  note: (text: string) => void,
): Promise<{ broken: Broken | undefined; evidence: Evidence }> {
  const patienceMs = plan.profile.quietSeconds * 1_000;
  const end = performance.now() + MOST_PATIENCES * patienceMs;
  let changedAt = performance.now();
  let before = '';
  let repeated = false;
  for (;;) {
    tools.signal.throwIfAborted();
    const lookedAt = performance.now();
    // What was paid may still come back: what merchants see is read as late as our rows are.
    if (repeated) await readAll(tools);
    const look = await lookOnce(tools);
    const now = `${tools.refunds.isIdle()} ${look?.broken?.invariant} ${look?.broken?.violations.length}`;
    if (now !== before) changedAt = performance.now();
    before = now;
    const isLast = performance.now() > Math.min(end, changedAt + patienceMs);
    if (!tools.refunds.isIdle() && !isLast) note('not yet: a merchant is giving something back');
    else if (look !== undefined) {
      const { broken, evidence } = look;
      if (broken === undefined && repeated) return { broken, evidence };
      if (broken !== undefined && (broken.isPermanent || isLast)) return { broken, evidence };
      if (broken === undefined) {
        // At rest: now every key once more, and then a last look.
        note('quiet; every key is sent once more');
        await repeatAll(tools);
        repeated = true;
        continue;
      }
      note(`not yet: ${broken.invariant}, ${broken.violations.length} times: ${broken.violations[0]?.text}`);
    } else if (isLast) throw new Error('The world could not be looked at');
    await sleep(Math.max(LOOK_EVERY_MS, LEFT_ALONE * (performance.now() - lookedAt)));
  }
}

/** Then what gateways list is compared with what we have. Nothing that they list wrongly may move anything. */
async function compareBooks(
  plan: Plan,
  evidence: Evidence,
  tools: JudgeTools,
  note: (text: string) => void,
): Promise<{ broken: Broken | undefined; evidence: Evidence }> {
  note('at rest; what the gateways list is compared');
  const violations = await reconcile(evidence, { ...tools, random: plan.random.fork('reconciliation') });
  if (violations.length > 0)
    return { broken: { invariant: 'reconciliation_finds', violations, isPermanent: true }, evidence };
  note('what they have settled is looked for at the bank');
  const missed = await settleAtBank(evidence, { ...tools, random: plan.random.fork('bank') });
  if (missed.length > 0)
    return { broken: { invariant: 'settlements_received', violations: missed, isPermanent: true }, evidence };
  const deadline = performance.now() + ASKED_AGAIN_MS;
  for (;;) {
    await readAll(tools);
    const look = await lookOnce(tools);
    if (look !== undefined && (look.broken === undefined || performance.now() > deadline)) return look;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Undefined when the program does not answer yet. */
async function lookOnce({
  world,
  journal,
  customers,
}: JudgeTools): Promise<{ broken: Broken | undefined; evidence: Evidence } | undefined> {
  let evidence: Evidence;
  try {
    evidence = await gatherEvidence(world, journal, customers);
  } catch {
    return undefined;
  }
  return { evidence, broken: await judge(evidence) };
}

function countWhatWasMet(evidence: Evidence, counters: Counters): void {
  const { attempts, charges, payments, accepted, moneyOut } = evidence;
  const late = attempts.filter(({ status, was_unknown: wasUnknown }) => wasUnknown && status === 'succeeded');
  counters.add('unknown_then_success', late.length);
  for (const { gateway } of late) counters.add(`${gateway} unknown_then_success`);
  for (const { gateway, status } of attempts) if (TOOK_MONEY.has(status)) counters.add(`${gateway} captured`);
  counters.add('cannot_be_asked', attempts.filter(cannotBeAsked).length);
  counters.add('waits_for_customer', accepted.filter((payment) => waitsForCustomer(evidence, payment)).length);
  counters.add('surplus', attempts.filter(({ status }) => status === 'surplus').length);
  counters.add('quarantined', attempts.filter(({ status }) => status === 'quarantined').length);
  for (const { gateway, status } of attempts) if (status === 'unknown') counters.add(`${gateway} still_unknown`);
  counters.add('failed_over', attempts.filter(({ sequence }) => sequence > 1).length);
  counters.add('payments', payments.length);
  counters.add('payments_succeeded', payments.filter(({ status }) => status === 'succeeded').length);
  counters.add('charges', charges.size);
  for (const { kind, status, source, approval_id: approval, failure_code: failure } of moneyOut.disbursements) {
    counters.add(`${kind} ${status}`);
    if (source === 'surplus') counters.add('refund of_surplus');
    if (approval !== null && status === 'succeeded') counters.add('refund of_operators');
    if (failure === 'insufficient_funds') counters.add(`${kind} insufficient_funds`);
  }
  for (const attempt of moneyOut.attempts) {
    const { gateway, kind, status, was_unknown: wasUnknown, outcome_code: code, concluded_as: concluded } = attempt;
    if (/insufficient|not_enough/i.test(code ?? '')) counters.add('short_of_float');
    if (status === 'succeeded' || status === 'returned') counters.add(`${gateway} ${kind} succeeded`);
    if (status === 'succeeded' && wasUnknown) counters.add(`${kind} unknown_then_success`);
    if (status === 'succeeded' && concluded === 'declined') counters.add(`${kind} succeeded_after_failure`);
    if (status === 'quarantined') counters.add(`${kind} quarantined`);
    if (status === 'surplus') counters.add(`${kind} duplicated`);
    if (status === 'unknown') counters.add(`${gateway} ${kind} still_unknown`);
  }
}

async function describeBroken(broken: Broken, evidence: Evidence, world: World): Promise<string> {
  const { violations, invariant } = broken;
  const first = violations.find(({ paymentId }) => paymentId !== undefined);
  return [
    `${invariant} is broken, ${violations.length} times:`,
    ...violations.slice(0, SHOWN).map(({ text, paymentId }) => `  ${paymentId ?? ''} ${text}`),
    ...(first?.paymentId === undefined ? [] : [await describeTrail(evidence, first.paymentId)]),
    await world.redis.describe(),
    'last words of the programs:',
    world.fleet
      .logs()
      .split('\n')
      .filter((line) => !line.startsWith('{"crash_point'))
      .slice(-30)
      .join('\n'),
  ].join('\n');
}
