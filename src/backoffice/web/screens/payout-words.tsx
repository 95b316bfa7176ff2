import { useCallback } from 'react';
import { useWords } from '../i18n/i18n.js';
import type { PayoutFound } from './payment-words.js';

/** Where a payout goes, with what names it there. */
export function useDestinationName(): (destination: PayoutFound['destination']) => string {
  const t = useWords();
  return useCallback(
    (destination) => {
      const name = t.payouts.destinations[destination.type];
      return destination.type === 'mobile_money'
        ? `${name}, ${destination.network}, ${destination.phone}`
        : `${name}, ${destination.bank_code}, ${destination.account_number}`;
    },
    [t],
  );
}
