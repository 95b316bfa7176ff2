/** How everything is asked: with the CSRF token, again after a step-up, and with a word to the shell when the session is over. */
import { client } from '../generated/client.gen.js';
import type { OwnSession } from '../generated/index.js';
import { isAnybodyThere } from './attendance.js';
import { ApiProblem, problemOf, Unreachable } from './problem.js';
import { signal } from './signal.js';
import { askForStepUp } from './step-up.js';

/** Who is signed in; undefined: not known yet, or nobody. */
export const ownSession = signal<OwnSession | undefined>(undefined);
/** Called when a session that there was is over. */
export const onSessionOver: { current: () => void } = { current: () => undefined };

const CSRF = 'x-csrf-token';
const UNATTENDED = 'x-unattended';
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
/** A little more than the server waits, so that what it is asked then is surely too late. */
const IDLE_SLACK_MS = 2_000;
/** The longest time a browser's timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

let idleTimer: ReturnType<typeof setTimeout> | undefined;

async function send(request: Request): Promise<Response> {
  const csrf = ownSession.read()?.csrf_token;
  if (csrf !== undefined && !SAFE.has(request.method)) request.headers.set(CSRF, csrf);
  const isAttended = isAnybodyThere();
  if (!isAttended) request.headers.set(UNATTENDED, '1');
  const again = request.clone();
  const response = await fetch(request).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable();
  });
  if (isAttended) watchTheClock();
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code === 'auth.step_up_required') {
    await askForStepUp();
    return send(again);
  }
  if (isOver(problem) && ownSession.read() !== undefined) {
    ownSession.set(undefined);
    onSessionOver.current();
  }
  throw problem;
}

function isOver({ code }: ApiProblem): boolean {
  return code === 'auth.session_over' || code === 'auth.missing_credentials';
}

/** Nobody who walks past should find on the screen what only a session shows: when it must be over, the server is asked whether it is. */
function watchTheClock(): void {
  clearTimeout(idleTimer);
  const session = ownSession.read();
  if (session === undefined) return;
  const endsIn = Math.min(session.idle_seconds * 1_000, new Date(session.expires_at).getTime() - Date.now());
  idleTimer = setTimeout(
    () => void client.get({ url: '/admin/v1/session' }).catch(() => undefined),
    Math.min(Math.max(endsIn, 0) + IDLE_SLACK_MS, MAX_TIMER_MS),
  );
}

export function begin(session: OwnSession): void {
  ownSession.set(session);
  watchTheClock();
}

client.setConfig({ fetch: (request) => send(request as Request), credentials: 'same-origin' });

/** What was answered. */
export async function answerOf<Data>(asked: Promise<{ readonly data: Data }>): Promise<Data> {
  return (await asked).data;
}

/** A query without what is not set. */
export function given<Query extends Readonly<Record<string, unknown>>>(
  query: Query,
): { [Key in keyof Query]?: Exclude<Query[Key], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== '')) as {
    [Key in keyof Query]?: Exclude<Query[Key], undefined>;
  };
}
