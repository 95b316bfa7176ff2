import { Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { inboundAdminWebhook, type GatewayWebhook } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { subjectOf } from './gateway-webhooks.js';

/** One webhook as it came, without persons and secrets. */
export function GatewayWebhookDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const webhook = useQuery({
    queryKey: ['gateway-webhook', id],
    queryFn: ({ signal }) => answerOf(inboundAdminWebhook({ path: { id }, signal })),
  });
  return (
    <Page title={webhook.data?.event_type ?? t.screens.gatewayWebhook}>
      <Async query={webhook}>{(found) => <Found webhook={found} />}</Async>
    </Page>
  );
}

function Found({ webhook }: { readonly webhook: GatewayWebhook }) {
  const t = useWords();
  const language = useLanguage();
  const words = t.gateways.webhooks;
  const grades: Readonly<Record<string, string>> = words.grades;
  const subject = subjectOf(webhook);
  return (
    <>
      <Facts
        facts={[
          [t.gateways.gateway, `${webhook.gateway}/${webhook.gateway_account}`],
          [words.outcome, webhook.outcome ?? words.underWay],
          [words.about, subject === undefined ? words.nothing : <IdLink key="about">{subject}</IdLink>],
          [words.reference, webhook.reference === null ? t.common.none : <Id key="reference">{webhook.reference}</Id>],
          [words.grade, grades[webhook.grade] ?? webhook.grade],
          [words.deliveries, webhook.deliveries],
          [words.received, <Time key="received" at={webhook.received_at} />],
          [words.acted, <Time key="acted" at={webhook.processed_at} otherwise={words.underWay} />],
          [t.common.id, <Id key="id">{webhook.id}</Id>],
        ]}
      />
      <Section title={words.body}>
        {webhook.body === null ? (
          words.noBody
        ) : (
          <Code block className="secret">
            {JSON.stringify(webhook.body, null, 2)}
          </Code>
        )}
        {words.bytes({ count: formatNumber(language, webhook.body_bytes) })}
      </Section>
      <Section title={words.handles}>
        <Code block className="secret">
          {JSON.stringify(webhook.handles, null, 2)}
        </Code>
      </Section>
      <Section title={words.headers}>
        <Code block className="secret">
          {JSON.stringify(webhook.headers, null, 2)}
        </Code>
      </Section>
    </>
  );
}
