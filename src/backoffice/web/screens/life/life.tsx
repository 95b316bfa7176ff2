import { useMay } from '../../api/session.js';
import { Section } from '../../blocks/page.js';
import { useWords } from '../../i18n/i18n.js';
import { Booked } from './booked.js';
import type { LifeOf } from './life-of.js';
import { ReconciledRecords } from './reconciled.js';
import { ToldEvents } from './told.js';

/** Entries, webhooks and reconciliation of a payment, refund or payout, as far as one may see them. */
export function Life({ of }: { readonly of: LifeOf }) {
  const t = useWords();
  const mayReadLedger = useMay('ledger', 'read');
  const mayReadWebhooks = useMay('webhooks', 'read');
  const mayReadReconciliation = useMay('reconciliation', 'read');
  return (
    <>
      {mayReadLedger ? (
        <Section title={t.life.booked}>
          <Booked of={of} />
        </Section>
      ) : null}
      {mayReadWebhooks ? (
        <Section title={t.life.told}>
          <ToldEvents of={of} />
        </Section>
      ) : null}
      {mayReadReconciliation ? (
        <Section title={t.life.reconciled}>
          <ReconciledRecords of={of} />
        </Section>
      ) : null}
    </>
  );
}
