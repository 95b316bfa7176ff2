import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { Id } from '../blocks/id.js';
import { Page } from '../blocks/page.js';
import { adminDisbursementsReadPayout } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { MoneyOutLife } from './money-out-life.js';
import type { PayoutFound } from './payment-words.js';
import { useDestinationName } from './payout-words.js';

export function PayoutDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const payout = useQuery({
    queryKey: ['payout', id],
    queryFn: ({ signal }) => answerOf(adminDisbursementsReadPayout({ path: { id }, signal })),
  });
  return (
    <Page title={payout.data?.reference ?? t.screens.payout}>
      <Async query={payout}>{(found) => <Found payout={found} />}</Async>
    </Page>
  );
}

function Found({ payout }: { readonly payout: PayoutFound }) {
  const t = useWords();
  const destinationName = useDestinationName();
  return (
    <MoneyOutLife
      of={payout}
      facts={[
        [t.payments.reference, payout.reference],
        [t.payouts.destination, destinationName(payout.destination)],
        [t.payouts.recipient, payout.destination.name],
        [t.payouts.narration, payout.narration ?? t.common.none],
        [t.payouts.batch, payout.batch === null ? t.common.none : <Id key="batch">{payout.batch}</Id>],
      ]}
    />
  );
}
