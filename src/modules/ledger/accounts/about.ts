/** What an entry or a transfer is about. */
import { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';

export interface About {
  /** What it is about: at most one of the four. */
  readonly payment_id: string | null;
  readonly refund_id: string | null;
  readonly payout_id: string | null;
  /** By which pending money became available, or what had been kept back. */
  readonly release_id: string | null;
}

export const about = {
  payment_id: z.string().nullable(),
  refund_id: z.string().nullable(),
  payout_id: z.string().nullable(),
  release_id: z.string().nullable(),
};

/** The kind of a transfer says what its subject is (see TransferKind). */
export function aboutOf(kind: string, subjectId: string | null): About {
  const subject = subjectOf(kind);
  const idOf = (of: typeof subject): string | null =>
    subject === of && subjectId !== null ? encodeId(of, subjectId) : null;
  return {
    payment_id: idOf('payment'),
    refund_id: idOf('refund'),
    payout_id: idOf('payout'),
    release_id: idOf('release'),
  };
}

function subjectOf(kind: string): 'payment' | 'refund' | 'payout' | 'release' {
  if (kind === 'settlement' || kind === 'reserve_release') return 'release';
  if (kind === 'refund' || kind.startsWith('refund_')) return 'refund';
  return kind === 'payout' || kind.startsWith('payout_') ? 'payout' : 'payment';
}
