import { Suspense, type ReactNode } from 'react';
import { useSession } from '../api/session.js';
import { Loading } from '../blocks/async.js';
import type { Screen } from '../screens.js';
import { NotFound } from './not-found.js';
import { mayOpen } from './offered.js';

/** For whom a screen is not, it is not there. */
export function Guarded({ screen, children }: { readonly screen: Screen; readonly children: ReactNode }) {
  const session = useSession();
  if (!mayOpen(session, screen)) return <NotFound />;
  return <Suspense fallback={<Loading />}>{children}</Suspense>;
}
