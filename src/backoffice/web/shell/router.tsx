import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import type { FunctionComponent } from 'react';
import { onSessionOver } from '../api/client.js';
import { isProblem } from '../api/problem.js';
import { loadSession } from '../api/session.js';
import { Loading } from '../blocks/async.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { BASE, DOORS, SCREENS, type ScreenName } from '../screens.js';
import { Frame } from './frame.js';
import { Guarded } from './guarded.js';
import { Home } from './home.js';
import { isMode, rememberedMode } from './mode.js';
import { NotFound } from './not-found.js';
import { queryClient } from './query-client.js';
import { DOOR_COMPONENTS, SCREEN_COMPONENTS } from './screen-components.js';

type Search = Readonly<Record<string, unknown>> & { readonly mode?: unknown };

const root = createRootRoute({
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...search,
    mode: isMode(search['mode']) ? search['mode'] : rememberedMode(),
  }),
  search: { middlewares: [retainSearchParams(['mode'])] },
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <ProblemAlert error={error} retry={reset} />,
});

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ location }) => {
    const session = await loadSession().catch((error: unknown) => {
      if (isProblem(error) && error.problem.status === 401)
        throw redirect({ to: DOORS.signIn.path, search: { next: location.href } });
      throw error;
    });
    // Before there is a second factor nothing is allowed but to set one up.
    if (session.proved_at === null) throw redirect({ to: DOORS.secondFactor.path, search: { next: location.href } });
  },
});

/** A screen that is loaded when it is opened; every one has its own component, or React would take them for one. */
function lazily(load: () => Promise<FunctionComponent>) {
  return lazyRouteComponent(async () => ({ default: await load() }), 'default');
}

const screens = (Object.keys(SCREENS) as ScreenName[]).map((name) => {
  const Component = lazily(SCREEN_COMPONENTS[name]);
  return createRoute({
    getParentRoute: () => frame,
    path: SCREENS[name].path,
    component: Object.assign(
      () => (
        <Guarded screen={SCREENS[name]}>
          <Component />
        </Guarded>
      ),
      // So that a screen is there before it is opened, once somebody points at a link to it.
      { preload: () => Component.preload?.() },
    ),
  });
});

const doors = (Object.keys(DOORS) as (keyof typeof DOORS)[]).map((name) =>
  createRoute({ getParentRoute: () => root, path: DOORS[name].path, component: lazily(DOOR_COMPONENTS[name]) }),
);

const home = createRoute({ getParentRoute: () => frame, path: '/', component: Home });

export const router = createRouter({
  routeTree: root.addChildren([frame.addChildren([home, ...screens]), ...doors]),
  basepath: BASE,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  scrollRestoration: true,
  // Everything in the address is text: an id that looks like a number stays what it is.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search as Readonly<Record<string, unknown>>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
    );
    const text = new URLSearchParams(entries).toString();
    return text === '' ? '' : `?${text}`;
  },
});

/** The file of the screen that is opened first, while it is still asked who is there. */
export function loadScreenEarly(): void {
  const [, , screen] = router.getMatchedRoutes(router.latestLocation.pathname);
  // Where it cannot be had, the router finds that out too, and shows it.
  if (screen !== undefined) Promise.resolve(router.loadRouteChunk(screen)).catch(() => undefined);
}

/** Back to where one was, once one has signed in again. */
onSessionOver.current = () => {
  queryClient.clear();
  const { href, pathname } = router.state.location;
  if (pathname.startsWith(DOORS.signIn.path)) return;
  void router.navigate({ to: DOORS.signIn.path, search: { next: href, why: 'over' } });
};
