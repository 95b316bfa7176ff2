import { useSearch } from '@tanstack/react-router';

/** Test or live: in the address, so that a link shows what its sender saw. */
export type Mode = 'test' | 'live';

const REMEMBERED_AS = 'sankofa.mode';

export const isMode = (value: unknown): value is Mode => value === 'test' || value === 'live';

/** Where the address does not say: as the last time, and nothing real on the first. */
export function rememberedMode(): Mode {
  const remembered = localStorage.getItem(REMEMBERED_AS);
  return isMode(remembered) ? remembered : 'test';
}

export function rememberMode(mode: Mode): void {
  localStorage.setItem(REMEMBERED_AS, mode);
}

export function useMode(): Mode {
  const { mode }: { readonly mode?: unknown } = useSearch({ strict: false });
  return isMode(mode) ? mode : 'test';
}

/** As the API takes it. */
export const useLivemode = (): 'true' | 'false' => (useMode() === 'live' ? 'true' : 'false');
