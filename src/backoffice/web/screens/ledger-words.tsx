import { useCallback } from 'react';
import { State } from '../blocks/badges.js';
import { IdLink } from '../blocks/id-link.js';
import type { LedgerAccount, LedgerEntry } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

export const ACCOUNT_KINDS = [
  'gateway_clearing',
  'bank',
  'merchant_pending',
  'merchant_available',
  'merchant_rolling_reserve',
  'merchant_reserved',
  'customer_reserved',
  'platform_fees',
  'gateway_fees',
  'write_offs',
  'suspense',
  'rounding_residue',
  'client',
] as const;

/** What something is called here; what is not known here keeps its own name. */
export const named = (words: Readonly<Record<string, string>>, name: string): string => words[name] ?? name;

/** What of a kind is kept on an account; a kind that is not known here is called as the ledger calls it. */
export function useKindName(): (kind: string) => string {
  const t = useWords();
  return useCallback((kind) => named(t.ledger.kinds, kind), [t]);
}

const COLOURS = { open: 'good', frozen: 'bad', closed: 'plain' } as const;

export function AccountState({ state }: { readonly state: LedgerAccount['state'] }) {
  const t = useWords();
  return <State is={COLOURS[state]}>{t.ledger.states[state]}</State>;
}

type About = Pick<LedgerEntry, 'payment_id' | 'refund_id' | 'payout_id' | 'release_id'>;

/** What an entry or a transfer is about, as a link to it. */
export function Source({ about }: { readonly about: About }) {
  const t = useWords();
  const id = about.payment_id ?? about.refund_id ?? about.payout_id ?? about.release_id;
  return id === null ? <>{t.common.none}</> : <IdLink>{id}</IdLink>;
}
