import type { OwnSession } from '../generated/index.js';
import { AREAS, may } from '../api/permissions.js';
import { SCREENS, type Screen, type ScreenName } from '../screens.js';

/** The server decides, here too: a screen shows no more than the session may read. */
export function mayOpen(session: OwnSession, { area }: Screen): boolean {
  if (area === undefined) return true;
  return area === 'any' ? AREAS.some((each) => may(session, each, 'read')) : may(session, area, 'read');
}

/** Screens of the navigation that this session may see, in their order. */
export function offeredScreens(session: OwnSession): readonly { readonly name: ScreenName; readonly screen: Screen }[] {
  return (Object.keys(SCREENS) as ScreenName[])
    .map((name) => ({ name, screen: SCREENS[name] as Screen }))
    .filter(({ screen }) => screen.group !== undefined && mayOpen(session, screen));
}

/** Whether it is one of the navigation's screens of work: those have filters, which can be kept under a name. */
export function isListPath(path: string): boolean {
  return Object.values(SCREENS as Readonly<Record<string, Screen>>).some(
    (screen) => screen.path === path && screen.group !== undefined && screen.group !== 'self',
  );
}

/** The page of an id, by its prefix, where there is one that this session may see. */
export function pageOfId(session: OwnSession, id: string): string | undefined {
  const [, prefix] = /^([a-z]+)_[0-9a-z]{26}$/.exec(id.trim()) ?? [];
  const found = Object.values(SCREENS as Readonly<Record<string, Screen>>).find(
    ({ idPrefix }) => idPrefix !== undefined && idPrefix === prefix,
  );
  if (found === undefined || !mayOpen(session, found)) return undefined;
  return found.path.replace('$id', id.trim());
}
