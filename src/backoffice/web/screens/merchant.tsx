import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { merchantsRead } from '../generated/index.js';
import { formatBasisPoints } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { ApiKeys } from './api-keys.js';
import { MerchantLimitsSection } from './merchant-limits.js';
import { MerchantMembers } from './merchant-members.js';

export function Merchant() {
  const t = useWords();
  const language = useLanguage();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const merchant = useQuery({
    queryKey: ['merchant', id],
    queryFn: ({ signal }) => answerOf(merchantsRead({ path: { id }, signal })),
  });
  return (
    <Page title={merchant.data?.name ?? t.screens.merchant}>
      <Async query={merchant}>
        {(found) => (
          <>
            <Facts
              facts={[
                [t.common.id, <Id key="id">{found.id}</Id>],
                [t.common.status, found.status],
                [t.merchants.fee, formatBasisPoints(language, found.platform_fee_bps)],
                [t.common.created, <Time key="created" at={found.created_at} />],
              ]}
            />
            <ApiKeys merchantId={found.id} />
            <MerchantMembers merchantId={found.id} />
            <MerchantLimitsSection merchantId={found.id} />
          </>
        )}
      </Async>
    </Page>
  );
}
