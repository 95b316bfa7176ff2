import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { IdLink } from '../blocks/id-link.js';
import { Page } from '../blocks/page.js';
import { adminDisbursementsReadRefund } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { MoneyOutLife } from './money-out-life.js';
import type { RefundFound } from './payment-words.js';

export function RefundDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const refund = useQuery({
    queryKey: ['refund', id],
    queryFn: ({ signal }) => answerOf(adminDisbursementsReadRefund({ path: { id }, signal })),
  });
  return (
    <Page title={t.screens.refund}>
      <Async query={refund}>{(found) => <Found refund={found} />}</Async>
    </Page>
  );
}

function Found({ refund }: { readonly refund: RefundFound }) {
  const t = useWords();
  const link = (key: string, id: string | null) => (id === null ? t.common.none : <IdLink key={key}>{id}</IdLink>);
  return (
    <MoneyOutLife
      of={refund}
      facts={[
        [t.screens.payment, link('payment', refund.payment)],
        [t.payments.refundReason, refund.reason ?? t.common.none],
        [t.payments.source, refund.source === 'surplus' ? t.payments.surplus : madeBy(refund, t.payments.byMerchant)],
        [t.payments.approval, link('approval', refund.approval)],
        [t.payouts.askedBy, link('asked', refund.asked_by)],
        [t.payouts.approvedBy, link('approved', refund.approved_by)],
        [t.payouts.feeGivenBack, <Amount key="fee" minor={refund.platform_fee} currency={refund.currency} />],
      ]}
    />
  );
}

const madeBy = ({ asked_by: by }: RefundFound, merchant: string) =>
  by === null ? merchant : <IdLink key="by">{by}</IdLink>;
