/** The language: the browser's where it is one of ours, unless the person chose another, which is remembered. Only its words are loaded. */
import { useSyncExternalStore } from 'react';
import { signal } from '../api/signal.js';
import type { Dictionary } from './en.js';

/** As they call themselves. */
export const LANGUAGES = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

const WORDS: Readonly<Record<Language, () => Promise<Dictionary>>> = {
  en: async () => (await import('./en.js')).en,
  fr: async () => (await import('./fr.js')).fr,
};

const REMEMBERED_AS = 'sankofa.language';

interface Spoken {
  readonly language: Language;
  readonly words: Dictionary;
}

/** Undefined: not loaded yet. */
const spoken = signal<Spoken | undefined>(undefined);

const isLanguage = (text: string | null | undefined): text is Language =>
  text !== null && text !== undefined && Object.hasOwn(LANGUAGES, text);

function firstLanguage(): Language {
  const chosen = localStorage.getItem(REMEMBERED_AS);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

async function speak(language: Language): Promise<void> {
  const words = await WORDS[language]();
  document.documentElement.lang = language;
  spoken.set({ language, words });
}

/** To be waited for before anything is shown. */
export function loadWords(): Promise<void> {
  return speak(firstLanguage());
}

/** Where its words cannot be had, all stays as it is, which whoever chose it sees. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  await speak(chosen);
  localStorage.setItem(REMEMBERED_AS, chosen);
}

function useSpoken(): Spoken {
  const now = useSyncExternalStore(spoken.subscribe, spoken.read);
  if (now === undefined) throw new Error('No words are loaded');
  return now;
}

export function useLanguage(): Language {
  return useSpoken().language;
}

/** The words of the language: `const t = useWords(); t.common.retry`. */
export function useWords(): Dictionary {
  return useSpoken().words;
}
