import { useMemo } from 'react';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Time } from '../blocks/time.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { Seconds, SuccessShare, type Step } from './gateway-words.js';

/** The steps of the charts in which something went there, the newest first. */
export function GatewaySteps({ series }: { readonly series: readonly Step[] }) {
  const t = useWords();
  const language = useLanguage();
  const columns = useMemo((): readonly Column<Step>[] => {
    const words = t.gateways;
    const count = (name: 'attempts' | 'failed' | 'unknown' | 'in_flight', header: string): Column<Step> => ({
      id: name,
      header,
      align: 'right',
      cell: (step) => formatNumber(language, step[name]),
    });
    return [
      { id: 'at', header: words.from, cell: ({ at }) => <Time at={at} /> },
      count('attempts', words.attempts),
      { id: 'success', header: words.success, align: 'right', cell: (step) => <SuccessShare figures={step} /> },
      count('failed', words.failed),
      count('unknown', words.unknown),
      count('in_flight', words.inFlight),
      { id: 'p95', header: words.p95, align: 'right', cell: (step) => <Seconds seconds={step.p95_seconds} /> },
    ];
  }, [t, language]);
  const rows = useMemo(() => series.filter(({ attempts }) => attempts > 0).toReversed(), [series]);
  return (
    <details>
      <summary>{t.gateways.table}</summary>
      <DataTable
        label={t.gateways.charts}
        columns={columns}
        rows={rows}
        rowKey={({ at }) => at}
        empty={{ title: t.gateways.nothing, hint: '' }}
      />
    </details>
  );
}
