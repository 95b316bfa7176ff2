import { formatTime, formatUtc } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

/** In the viewer's zone; UTC when one points at it. */
export function Time({ at, otherwise }: { readonly at: string | null; readonly otherwise?: string }) {
  const language = useLanguage();
  const t = useWords();
  if (at === null) return <span>{otherwise ?? t.common.none}</span>;
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {formatTime(language, at)}
    </time>
  );
}
