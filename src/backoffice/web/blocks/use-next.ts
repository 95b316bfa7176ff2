import { useRouter, useSearch } from '@tanstack/react-router';

/** Where one was, or wanted to, before one had to sign in. */
export function useNext(): () => void {
  const router = useRouter();
  const { next }: { readonly next?: unknown } = useSearch({ strict: false });
  return () => {
    // Only ever within the app: what a link says here may have been written by anybody.
    const place = typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
    router.history.push(`${router.basepath}${place === '/' ? '' : withoutBase(place, router.basepath)}`);
  };
}

const withoutBase = (place: string, base: string): string =>
  place === base || place.startsWith(`${base}/`) ? place.slice(base.length) : place;
