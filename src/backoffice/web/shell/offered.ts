import type { OwnSession } from '../generated/index.js';
import { may } from '../api/permissions.js';
import { SCREENS, type Screen, type ScreenName } from '../screens.js';

/** Screens of the navigation that this session may see, in their order. */
export function offeredScreens(session: OwnSession): readonly { readonly name: ScreenName; readonly screen: Screen }[] {
  return (Object.keys(SCREENS) as ScreenName[])
    .map((name) => ({ name, screen: SCREENS[name] as Screen }))
    .filter(
      ({ screen }) => screen.group !== undefined && (screen.area === undefined || may(session, screen.area, 'read')),
    );
}

/** The page of an id, by its prefix, where there is one that this session may see. */
export function pageOfId(session: OwnSession, id: string): string | undefined {
  const [, prefix] = /^([a-z]+)_[0-9a-z]{26}$/.exec(id.trim()) ?? [];
  const found = Object.values(SCREENS as Readonly<Record<string, Screen>>).find(
    ({ idPrefix }) => idPrefix !== undefined && idPrefix === prefix,
  );
  if (found === undefined || (found.area !== undefined && !may(session, found.area, 'read'))) return undefined;
  return found.path.replace('$id', id.trim());
}
