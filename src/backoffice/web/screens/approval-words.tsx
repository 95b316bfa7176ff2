import { useCallback } from 'react';
import { State } from '../blocks/badges.js';
import type { Approval } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

/** Where a module asks for something that is not known here yet, its own name for it. */
export function useKindName(): (kind: string) => string {
  const t = useWords();
  const names: Readonly<Record<string, string>> = t.approvals.kinds;
  return useCallback((kind) => names[kind] ?? kind, [names]);
}

const COLOURS = {
  pending: 'waiting',
  approved: 'waiting',
  done: 'good',
  failed: 'bad',
  rejected: 'plain',
  withdrawn: 'plain',
  expired: 'plain',
} as const satisfies Readonly<Record<Approval['state'], 'good' | 'bad' | 'waiting' | 'plain'>>;

export function ApprovalState({ state }: { readonly state: Approval['state'] }) {
  const t = useWords();
  return <State is={COLOURS[state]}>{t.approvals.states[state]}</State>;
}
