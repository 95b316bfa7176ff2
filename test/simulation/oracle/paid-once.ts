import type { AttemptRow } from './evidence.js';
import { isOpen, netPaid, type MoneyOut } from './money-out-evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * No payout is paid twice. No reference is paid twice; and where two attempts at a payout paid, the gateway had said no to the first, what
 * was paid twice is told and booked, and nothing else is done about it.
 */
export const paidOnce: Invariant = {
  name: 'paid_once',
  check({ moneyOut }) {
    const repeated = [...moneyOut.paid].flatMap(([reference, lines]): Violation[] => {
      const times = lines.filter(({ kind }) => kind === 'payout').length;
      return times > 1 ? [{ text: `${lines[0]?.gateway} was made to pay ${reference} ${times} times` }] : [];
    });
    const doubled = [...moneyOut.attemptsOf].flatMap(([id, attempts]) => doublesOf(moneyOut, id, attempts));
    return [...repeated, ...doubled];
  },
};

function doublesOf(moneyOut: MoneyOut, id: string, attempts: readonly AttemptRow[]): readonly Violation[] {
  const paid = attempts.filter((attempt) => netPaid(moneyOut, attempt) > 0).sort((a, b) => a.sequence - b.sequence);
  const unexcused = paid.slice(0, -1).filter((attempt) => attempt.concluded_as !== 'declined');
  const story = paid.map(({ gateway, concluded_as: as, status }) => `${gateway} (${as ?? status})`).join(', then ');
  if (unexcused.length > 0) return [{ text: `payout ${id} was paid ${paid.length} times: ${story}` }];
  // Something else was tried while nobody knew what had become of the one before.
  const sent = attempts.toSorted((a, b) => a.sequence - b.sequence);
  return sent
    .slice(0, -1)
    .filter(isOpen)
    .map(({ gateway, status }) => ({
      text: `${id} was sent again elsewhere while its attempt at ${gateway} was ${status}`,
    }));
}
