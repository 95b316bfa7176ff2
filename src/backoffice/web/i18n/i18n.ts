/** The language: the browser's where it is one of ours, unless the person chose another, which is remembered. */
import { useSyncExternalStore } from 'react';
import { signal } from '../api/signal.js';
import { en, type Dictionary } from './en.js';
import { fr } from './fr.js';

export const LANGUAGES = { en, fr } as const satisfies Readonly<Record<string, Dictionary>>;
export type Language = keyof typeof LANGUAGES;

const REMEMBERED_AS = 'sankofa.language';

const isLanguage = (text: string | null | undefined): text is Language =>
  text !== null && text !== undefined && Object.hasOwn(LANGUAGES, text);

function firstLanguage(): Language {
  const chosen = localStorage.getItem(REMEMBERED_AS);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

export const language = signal<Language>(firstLanguage());

const tellTheDocument = (): void => {
  document.documentElement.lang = language.read();
};
language.subscribe(tellTheDocument);
tellTheDocument();

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(REMEMBERED_AS, chosen);
  language.set(chosen);
}

export function useLanguage(): Language {
  return useSyncExternalStore(language.subscribe, language.read);
}

/** The words of the language: `const t = useWords(); t.common.retry`. */
export function useWords(): Dictionary {
  return LANGUAGES[useLanguage()];
}
