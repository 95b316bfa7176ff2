import { useSyncExternalStore } from 'react';
import { sessionEnd, sessionRead, type OwnSession } from '../generated/index.js';
import { answerOf, begin, ownSession } from './client.js';
import { may, type AdminArea, type Level } from './permissions.js';

let asked: Promise<OwnSession> | undefined;

/** Before anybody waits for it; what comes of it is for whoever asks next. */
export function askEarly(): void {
  asked = reloadSession();
  asked.catch(() => undefined);
}

/** @throws {ApiProblem} where nobody is signed in */
export async function loadSession(): Promise<OwnSession> {
  const known = ownSession.read();
  if (known !== undefined) return known;
  const early = asked;
  asked = undefined;
  return early ?? reloadSession();
}

/** Permissions and the second factor may have changed. */
export async function reloadSession(): Promise<OwnSession> {
  const session = await answerOf(sessionRead());
  begin(session);
  return session;
}

export async function signOut(): Promise<void> {
  await sessionEnd();
  ownSession.set(undefined);
}

/** Below the frame, which is not shown without one. */
export function useSession(): OwnSession {
  const session = useSyncExternalStore(ownSession.subscribe, ownSession.read);
  if (session === undefined) throw new Error('There is no session here');
  return session;
}

/** `const mayManage = useMay('merchants', 'manage')` */
export function useMay(area: AdminArea, level: Level): boolean {
  const session = useSyncExternalStore(ownSession.subscribe, ownSession.read);
  return session !== undefined && may(session, area, level);
}
