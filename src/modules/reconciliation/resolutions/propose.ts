import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventContext } from '../../../kernel/outbox/event.js';
import { identityOf } from '../matching/break.js';
import { insertRun } from '../runs/runs.store.js';
import { correctionOf } from './correction.js';
import { questionAbout } from './announce.js';
import { matchByHand } from './manual-matches.store.js';
import { mustFit, sidesOf } from './match-breaks.js';
import { tellingRefusals } from './refused-people.js';
import { PROPOSAL_LASTS_MS, type AdjustmentAccount, type Asker, type ResolutionAction } from './resolution.js';
import {
  closeResolved,
  expireProposals,
  findProposal,
  insertResolutions,
  lockBreaks,
  type BreakInHand,
  type NewResolution,
  type Resolution,
} from './resolutions.store.js';

export interface Asked {
  readonly breakIds: readonly string[];
  readonly action: ResolutionAction;
  /** Of `adjust` alone. */
  readonly account: AdjustmentAccount | null;
  /** Attempts that belong to the lines of a `match`, beside those that the breaks are about. */
  readonly attemptIds: readonly string[];
  readonly remark: string;
  readonly by: Asker;
  readonly cause: EventContext['cause'];
}

const HOUR_MS = 3_600_000;

/**
 * Resolves breaks, all or none: what moves no money at once, what does as a proposal.
 * @returns one for each break, in the order in which they were named
 * @throws {DomainError} `reconciliation.break_not_found`, `.break_closed`, `.proposed_already`, `.cannot_resolve_so`; `auth.people_only` where a key
 *   asks for what moves money, `auth.session_over`
 */
export async function propose(database: Database, asked: Asked): Promise<readonly Resolution[]> {
  if (movesMoney(asked.action) && asked.by.sessionId === null) throw new DomainError('auth.people_only');
  const work = database.transaction(async (tx) => {
    const breaks = await lockBreaks(tx, asked.breakIds);
    if (breaks.length < new Set(asked.breakIds).size) throw new DomainError('reconciliation.break_not_found');
    const closed = breaks.find(({ isOpen }) => !isOpen);
    if (closed !== undefined) throw new DomainError('reconciliation.break_closed');
    await expireProposals(tx, asked.breakIds, PROPOSAL_LASTS_MS);
    const waiting = await findProposal(tx, asked.breakIds);
    if (waiting !== undefined)
      throw new DomainError('reconciliation.proposed_already', { detail: encodeId('resolution', waiting) });
    const rows = breaks.map((found) => newResolution(found, asked));
    const made = await insertResolutions(tx, rows);
    await follow(tx, asked, breaks, made);
    const byBreak = new Map(made.map((each) => [each.breakId, each]));
    return asked.breakIds.flatMap((id) => byBreak.get(id) ?? []);
  });
  return tellingRefusals(work);
}

const movesMoney = (action: ResolutionAction): boolean => action === 'write_off' || action === 'adjust';

function newResolution(found: BreakInHand, { action, account, remark, by }: Asked): NewResolution {
  const isBooked = movesMoney(action);
  const correction = isBooked ? correctionOf(found, found.ours, found.theirs) : undefined;
  if (isBooked && correction === undefined)
    throw new DomainError('reconciliation.cannot_resolve_so', {
      detail: `A break of kind ${found.kind} on the ${found.side}'s side says nothing that could be booked.`,
    });
  if (action === 'ask' && found.attemptId === null)
    throw new DomainError('reconciliation.cannot_resolve_so', { detail: 'There is no attempt to ask about.' });
  return {
    id: newUuid(),
    breakId: found.id,
    action,
    state: isBooked ? 'proposed' : 'done',
    isAutomatic: false,
    remark,
    subjectId: found.subjectId,
    identity: identityOf(found),
    content: found.content,
    gatewayAccountId: found.gatewayAccountId,
    livemode: found.livemode,
    clearingSide: correction?.side ?? null,
    account: correction === undefined ? null : action === 'write_off' ? 'write_offs' : account,
    amount: correction?.amount ?? null,
    currency: correction?.currency ?? null,
    requestedBy: by.id,
    requestedIn: by.sessionId,
  };
}

async function follow(
  tx: Tx,
  asked: Asked,
  breaks: readonly BreakInHand[],
  made: readonly Resolution[],
): Promise<void> {
  switch (asked.action) {
    case 'ask': {
      const questions = breaks.flatMap(({ attemptId, merchantId }) =>
        attemptId === null ? [] : [questionAbout({ attemptId, merchantId, denied: false }, asked.cause)],
      );
      return appendEvents(tx, questions);
    }
    case 'dismiss':
      return closeAll(tx, breaks, `dismissed: ${asked.remark}`);
    case 'match':
      await match(tx, asked, breaks, made);
      return closeAll(tx, breaks, `matched by hand: ${asked.remark}`);
    case 'write_off':
    case 'adjust':
      // Open until somebody else has approved it.
      return;
  }
}

const closeAll = (tx: Tx, breaks: readonly BreakInHand[], why: string): Promise<void> =>
  closeResolved(
    tx,
    breaks.map(({ id }) => ({ id, why })),
  );

/** The figures of what was put together are judged by a run over it. */
async function match(
  tx: Tx,
  asked: Asked,
  breaks: readonly BreakInHand[],
  [first]: readonly Resolution[],
): Promise<void> {
  const [one] = breaks;
  if (one === undefined || first === undefined) return;
  if (breaks.some(({ gatewayAccountId }) => gatewayAccountId !== one.gatewayAccountId))
    throw new DomainError('reconciliation.cannot_resolve_so', { detail: 'They are of several gateway accounts.' });
  const attemptIds = breaks.flatMap(({ kind, attemptId }) =>
    kind === 'missing_there' && attemptId !== null ? [attemptId] : [],
  );
  const lineIds = breaks.flatMap(({ kind, lineId }) => (kind === 'missing_here' && lineId !== null ? [lineId] : []));
  if (attemptIds.length + lineIds.length < breaks.length)
    throw new DomainError('reconciliation.cannot_resolve_so', {
      detail: 'Only what is missing here and what is missing there can be matched with each other.',
    });
  const sides = await sidesOf(tx, one.gatewayAccountId, [...attemptIds, ...asked.attemptIds], lineIds);
  mustFit(sides);
  await matchByHand(tx, sides, asked.remark, first.id);
  const times = [
    ...sides.records.map(({ startedAt }) => startedAt),
    ...sides.lines.map(({ occurredAt }) => occurredAt),
  ];
  await insertRun(tx, {
    id: newUuid(),
    job: `matched by ${first.id}`,
    gatewayAccountId: one.gatewayAccountId,
    gateway: one.gateway,
    livemode: one.livemode,
    from: new Date(Math.min(...times) - HOUR_MS),
    to: new Date(Math.max(...times) + HOUR_MS),
    sourceId: null,
    requestedBy: asked.by.id,
  });
}
