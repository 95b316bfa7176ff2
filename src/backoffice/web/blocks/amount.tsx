import { formatAmount } from '../i18n/format.js';
import { useLanguage } from '../i18n/i18n.js';

/** Money, in minor units as the API has it. */
export function Amount({ minor, currency }: { readonly minor: number; readonly currency: string }) {
  const language = useLanguage();
  return <span className="amount">{formatAmount(language, minor, currency)}</span>;
}
