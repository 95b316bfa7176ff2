import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Section } from '../blocks/page.js';
import { insightHealth, type RoutingHealth } from '../generated/index.js';
import { formatShare } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { BreakerState, Seconds } from './gateway-words.js';

type Segment = RoutingHealth['segments'][number];

/** By network: a gateway may be dead for one and well for another. */
export function GatewaySegments({ account }: { readonly account: string }) {
  const t = useWords();
  const health = useQuery({
    queryKey: ['routing-health'],
    queryFn: ({ signal }) => answerOf(insightHealth({ signal })),
    refetchInterval: 15_000,
  });
  const columns = useSegmentColumns();
  return (
    <Section title={t.gateways.segments}>
      <Async query={health}>
        {({ segments }) => (
          <DataTable
            label={t.gateways.segments}
            columns={columns}
            rows={segments.filter(({ gateway_account: of }) => of === account)}
            rowKey={({ network }) => network}
            empty={{ title: t.gateways.segmentsEmpty, hint: t.gateways.segmentsHint }}
          />
        )}
      </Async>
    </Section>
  );
}

function useSegmentColumns(): readonly Column<Segment>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(() => {
    const words = t.gateways;
    const share = (id: string, header: string, of: (segment: Segment) => number): Column<Segment> => ({
      id,
      header,
      align: 'right',
      cell: (segment) => formatShare(language, of(segment)),
    });
    return [
      { id: 'network', header: words.network, cell: ({ network }) => <span className="wraps">{network}</span> },
      { id: 'breaker', header: t.common.status, cell: ({ breaker }) => <BreakerState state={breaker} /> },
      share('belief', words.belief, ({ success }) => success.mean),
      share('usual', words.usually, ({ usual_success: usual }) => usual.mean),
      share('trouble', words.trouble, ({ trouble }) => trouble),
      share('unknown', words.unknownShare, ({ unknown_share: unknown }) => unknown),
      { id: 'takes', header: words.takes, align: 'right', cell: ({ seconds }) => <Seconds seconds={seconds} /> },
    ];
  }, [t, language]);
}
