/**
 * When everything has come to rest: the gateways list some charges otherwise than they were, a run compares all that they list with what we have, and
 * must find these and nothing else; and a second run must change nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeId } from '../../src/kernel/ids/ids.js';
import type { Counters } from './counters.js';
import type { Evidence } from './oracle/evidence.js';
import type { Violation } from './oracle/invariant.js';
import type { Random } from './random.js';
import type { World } from './world/world.js';

/** Those whose API lists what they have taken; where each charge is one line of its own, and can be listed wrongly. */
const LISTING = ['paystack', 'flutterwave', 'monnify'];
/** Also what a process wrote whose clock was an hour off. */
const AROUND_MS = 2 * 3_600_000;
/** What is found by the time that a run ends: that something is missing would be said after twenty minutes. */
const PLANTED = { amount: 'amount', failed: 'status', twice: 'duplicate' } as const;
type Plant = keyof typeof PLANTED;
const PLANTS = Object.keys(PLANTED) as readonly Plant[];
const OF_EACH = 2;
/** Counters of what is planted. */
export const LISTED_WRONGLY: readonly string[] = LISTING.flatMap((gateway) =>
  PLANTS.map((as) => `${gateway} listed ${as}`),
);
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 300;
const PAGE = 100;

interface Run {
  readonly id: string;
  readonly status: string;
  readonly listing: { readonly status: string } | null;
  readonly counts: Readonly<Record<string, number>>;
}

interface Break {
  readonly id: string;
  readonly kind: string;
  readonly side: string;
  readonly attempt: string | null;
  readonly reference: string | null;
  readonly differences: readonly { readonly ours: string | null; readonly theirs: string | null }[];
}

/** @returns what it should have found and did not, and the reverse */
export async function reconcile(
  evidence: Evidence,
  { random, counters, signal }: { readonly random: Random; readonly counters: Counters; readonly signal: AbortSignal },
): Promise<readonly Violation[]> {
  const { world } = evidence;
  const planted = await plant(evidence, random, counters);
  const accounts = await listingAccounts(world);
  const found = new Map<string, Break>();
  const violations: Violation[] = [];
  for (const account of accounts) {
    const first = await runOver(world, account, signal);
    if (first === undefined) {
      // Nothing was ever sent there.
      if (attemptsAt(evidence, account) > 0)
        violations.push({ text: `nothing is known of ${account}, which took payments` });
      continue;
    }
    for (const each of await breaksOf(world, account)) found.set(each.id, each);
    const second = (await runOver(world, account, signal)) ?? first;
    counters.add('reconciliation_runs', 2);
    for (const { status, listing } of [first, second])
      if (status !== 'succeeded' || listing?.status !== 'complete')
        violations.push({ text: `a run of ${account} ended as ${status}, the gateway's list as ${listing?.status}` });
    const changes = ['opened', 'changed', 'closed'].filter((name) => (second.counts[name] ?? 0) !== 0);
    if (changes.length > 0)
      violations.push({ text: `a second run of ${account} changed something: ${JSON.stringify(second.counts)}` });
  }
  return [...violations, ...compared(evidence, planted, [...found.values()], counters)];
}

/** By the id of the attempt. */
type Planted = ReadonlyMap<string, Plant>;

async function plant(evidence: Evidence, random: Random, counters: Counters): Promise<Planted> {
  const { world, attempts, charges, moneyOut } = evidence;
  const givenBack = new Set(moneyOut.disbursements.map(({ payment_id: payment }) => payment));
  const plain = attempts.filter(
    ({ gateway, status, reference, payment_id: payment }) =>
      LISTING.includes(gateway) &&
      status === 'succeeded' &&
      charges.get(reference)?.length === 1 &&
      !givenBack.has(payment),
  );
  const planted = new Map<string, Plant>();
  for (const gateway of LISTING) {
    const chosen = random.shuffled(plain.filter((each) => each.gateway === gateway));
    for (const [index, { id, reference }] of chosen.slice(0, PLANTS.length * OF_EACH).entries()) {
      const as = PLANTS[index % PLANTS.length] ?? 'amount';
      await world.sandbox.misprint(gateway, reference, as);
      planted.set(encodeId('attempt', id), as);
      counters.add(`${gateway} listed ${as}`);
    }
  }
  return planted;
}

async function listingAccounts({ admin }: World): Promise<readonly string[]> {
  const { body } = await admin.get<{ data: readonly { id: string; gateway: string }[] }>('/admin/v1/routing/gateways');
  return body.data.filter(({ gateway }) => [...LISTING, 'wave'].includes(gateway)).map(({ id }) => id);
}

const attemptsAt = ({ attempts, moneyOut }: Evidence, account: string): number =>
  [...attempts, ...moneyOut.attempts].filter(({ gateway_account_id: id }) => encodeId('gatewayAccount', id) === account)
    .length;

/** Undefined where nothing is known of the account. */
export async function runOver({ admin }: World, account: string, signal: AbortSignal): Promise<Run | undefined> {
  const [from, to] = [-AROUND_MS, AROUND_MS].map((by) => new Date(Date.now() + by).toISOString());
  const deadline = performance.now() + PATIENCE_MS;
  const asked = await admin.post<Run>('/admin/v1/reconciliation/runs', { gateway_account: account, from, to });
  if (asked.text.includes('reconciliation.account_unknown')) return undefined;
  if (asked.status !== 201) throw new Error(`A run was refused: ${asked.status} ${asked.text}`);
  for (let run = asked.body; ;) {
    if (!['queued', 'waiting', 'running'].includes(run.status) || performance.now() > deadline) return run;
    signal.throwIfAborted();
    await sleep(LOOK_EVERY_MS);
    run = (await admin.get<Run>(`/admin/v1/reconciliation/runs/${run.id}`)).body;
  }
}

export async function breaksOf({ admin }: World, account: string): Promise<readonly Break[]> {
  const found: Break[] = [];
  for (let cursor = ''; ;) {
    const { status, text, body } = await admin.get<{ data: readonly Break[]; has_more: boolean }>(
      `/admin/v1/reconciliation/breaks?gateway_account=${account}&limit=${PAGE}${cursor}`,
    );
    if (status !== 200) throw new Error(`The breaks could not be read: ${status} ${text}`);
    found.push(...body.data);
    const last = body.data.at(-1);
    if (!body.has_more || last === undefined) return found;
    cursor = `&starting_after=${last.id}`;
  }
}

function compared(
  evidence: Evidence,
  planted: Planted,
  found: readonly Break[],
  counters: Counters,
): readonly Violation[] {
  const attempts = new Map(evidence.attempts.map((each) => [encodeId('attempt', each.id), each]));
  const seen = new Set<string>();
  const violations: Violation[] = [];
  for (const { kind, side, attempt, reference, differences } of found) {
    const known = attempt === null ? undefined : attempts.get(attempt);
    const as = attempt === null ? undefined : planted.get(attempt);
    if (as !== undefined && side === 'gateway' && PLANTED[as] === kind) {
      seen.add(attempt ?? '');
      continue;
    }
    counters.add(`break ${side} ${kind}`);
    violations.push({
      text: `a run says ${kind} (${side}) of ${attempt} ${reference}, ${known?.status}, planted ${as}: ${JSON.stringify(differences)}`,
      ...(known === undefined ? {} : { paymentId: known.payment_id }),
    });
  }
  for (const [attempt, as] of planted)
    if (!seen.has(attempt)) violations.push({ text: `a charge that is listed as ${as} was not found: ${attempt}` });
  return violations;
}
