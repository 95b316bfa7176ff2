import { Suspense, type ReactNode } from 'react';
import { useSession } from '../api/session.js';
import { may } from '../api/permissions.js';
import { Loading } from '../blocks/async.js';
import type { Screen } from '../screens.js';
import { NotFound } from './not-found.js';

/** For whom a screen is not, it is not there. */
export function Guarded({ screen, children }: { readonly screen: Screen; readonly children: ReactNode }) {
  const session = useSession();
  if (screen.area !== undefined && !may(session, screen.area, 'read')) return <NotFound />;
  return <Suspense fallback={<Loading />}>{children}</Suspense>;
}
