/** Filters of lists that somebody has kept under a name: in the browser, by person, since whoever shares a machine has views of their own. */
import { useMemo, useSyncExternalStore } from 'react';
import { useSession } from './session.js';
import { signal } from './signal.js';

export interface SavedView {
  /** Of the screen, below /backoffice. */
  readonly path: string;
  /** There is one of a name per screen. */
  readonly name: string;
  /** As the address has it; without the mode, which is whichever one is in. */
  readonly filter: Readonly<Record<string, string>>;
}

export const MAX_VIEW_NAME = 60;
/** More than anybody finds again; some tens of kilobytes of the five megabytes that browsers give. */
export const MAX_VIEWS = 100;
/** Of the address, but no filters. */
const NOT_KEPT: ReadonlySet<string> = new Set(['mode', 'after']);

const PREFIX = 'sankofa.views.';
const keyOf = (adminId: string): string => `${PREFIX}${adminId}`;

/** Counts up with every change, here and in other windows. */
const changes = signal(0);
window.addEventListener('storage', ({ key }) => {
  if (key === null || key.startsWith(PREFIX)) changes.set(changes.read() + 1);
});

const isText = (value: unknown): value is string => typeof value === 'string';

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { path, name, filter } = value as Partial<Record<keyof SavedView, unknown>>;
  const isFilter = typeof filter === 'object' && filter !== null && Object.values(filter).every(isText);
  // Only ever within the app, whatever stands in the storage.
  return isText(path) && /^\/(?![/\\])/.test(path) && isText(name) && isFilter;
}

/** What the browser holds may be of an older version of the app, or of nobody's making: what is no view is left out. */
function read(adminId: string): readonly SavedView[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(adminId)) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView) : [];
  } catch {
    return [];
  }
}

function write(adminId: string, views: readonly SavedView[]): void {
  localStorage.setItem(keyOf(adminId), JSON.stringify(views));
  changes.set(changes.read() + 1);
}

const isSame = (one: Pick<SavedView, 'path' | 'name'>, other: Pick<SavedView, 'path' | 'name'>): boolean =>
  one.path === other.path && one.name === other.name;

/** What of an address is a filter. */
export const filterOf = (search: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(search).filter(
      (entry): entry is [string, string] => !NOT_KEPT.has(entry[0]) && isText(entry[1]) && entry[1] !== '',
    ),
  );

interface SavedViews {
  readonly views: readonly SavedView[];
  /** In the place of one of the same name. */
  save(view: SavedView): void;
  rename(view: SavedView, name: string): void;
  remove(view: SavedView): void;
}

/** Of the person who is signed in. */
export function useSavedViews(): SavedViews {
  const { admin } = useSession();
  const change = useSyncExternalStore(changes.subscribe, changes.read);
  return useMemo(() => {
    const views = read(admin.id);
    const without = (view: SavedView): readonly SavedView[] => views.filter((each) => !isSame(each, view));
    return {
      change,
      views,
      save: (view) => write(admin.id, [...without(view), view]),
      rename: (view, name) => {
        const renamed = { ...view, name };
        write(
          admin.id,
          views
            .filter((each) => isSame(each, view) || !isSame(each, renamed))
            .map((each) => (isSame(each, view) ? renamed : each)),
        );
      },
      remove: (view) => write(admin.id, without(view)),
    };
  }, [admin.id, change]);
}
