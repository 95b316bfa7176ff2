import { Button, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../blocks/amount.js';
import { State } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { Time } from '../blocks/time.js';
import type { ReconciliationFilePreview } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { SourceProblems } from './source-problems.js';

type Row = ReconciliationFilePreview['rows'][number];
type Fit = ReconciliationFilePreview['fits'][number];

interface SourcePreviewProps {
  readonly preview: ReconciliationFilePreview;
  /** Reads it by another mapping. */
  readonly onUse: (mapping: string) => void;
}

/** What a look into a file shows: which mappings fit, how its first rows would be read, and what is wrong with them. */
export function SourcePreview({ preview, onUse }: SourcePreviewProps) {
  const t = useWords();
  const { upload, sources } = t.books;
  const fits = useFitColumns(preview.mapping, onUse);
  const rows = useRowColumns(preview.headers.length > 0);
  return (
    <>
      <Facts
        facts={[
          [upload.mapping, preview.mapping ?? preview.format],
          [sources.encoding, preview.encoding],
        ]}
      />
      {preview.problems.length === 0 ? null : <SourceProblems problems={preview.problems} />}
      {preview.fits.length === 0 ? null : (
        <DataTable
          label={upload.fits}
          columns={fits}
          rows={preview.fits}
          rowKey={({ mapping }) => mapping}
          empty={{ title: t.common.nothing, hint: '' }}
        />
      )}
      <DataTable
        label={upload.rows}
        columns={rows}
        rows={preview.rows}
        rowKey={({ line }) => String(line)}
        empty={{ title: t.common.nothing, hint: '' }}
      />
    </>
  );
}

function useFitColumns(chosen: string | null, onUse: (mapping: string) => void): readonly Column<Fit>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(() => {
    const { upload } = t.books;
    return [
      { id: 'mapping', header: upload.mapping, cell: ({ mapping, name }) => `${name} · ${mapping}` },
      {
        id: 'columns',
        header: upload.columnsFound,
        align: 'right',
        cell: (fit) => formatNumber(language, fit.columns_found),
      },
      {
        id: 'wrong',
        header: upload.rowsWithProblems,
        align: 'right',
        cell: (fit) => formatNumber(language, fit.rows_with_problems),
      },
      { id: 'problem', header: t.books.sources.message, cell: ({ problems }) => problems[0]?.message ?? t.common.none },
      {
        id: 'use',
        header: t.common.actions,
        cell: ({ mapping }) =>
          mapping === chosen ? null : (
            <Button size="xs" variant="default" onClick={() => onUse(mapping)}>
              {upload.use}
            </Button>
          ),
      },
    ];
  }, [t, language, chosen, onUse]);
}

function useRowColumns(hasCells: boolean): readonly Column<Row>[] {
  const t = useWords();
  return useMemo(() => {
    const { upload, sources } = t.books;
    const columns: readonly Column<Row>[] = [
      { id: 'line', header: sources.atLine, align: 'right', cell: ({ line }) => line },
      { id: 'read', header: upload.asRead, cell: (row) => <AsRead row={row} /> },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ parsed }) =>
          parsed === null ? t.common.none : <Amount minor={parsed.amount} currency={parsed.currency} />,
      },
      {
        id: 'at',
        header: t.reconciliation.breaks.occurred,
        cell: ({ parsed }) =>
          parsed?.occurred_at === undefined ? (parsed?.booked_on ?? t.common.none) : <Time at={parsed.occurred_at} />,
      },
    ];
    if (!hasCells) return columns;
    const written: Column<Row> = {
      id: 'written',
      header: upload.asWritten,
      cell: ({ cells }) => (
        <Text size="xs" c="dimmed" className="wraps">
          {cells.join(' · ')}
        </Text>
      ),
    };
    return [...columns, written];
  }, [t, hasCells]);
}

/** What a row tells of, or why it tells nothing. */
function AsRead({ row: { parsed, ignored, problems } }: { readonly row: Row }) {
  const t = useWords();
  const { sources, upload } = t.books;
  const statuses: Readonly<Record<string, string>> = t.reconciliation.breaks.statuses;
  const [problem] = problems;
  if (problem !== undefined) return <State is="bad">{problem.message}</State>;
  if (ignored || parsed === null) return <span>{upload.ignored}</span>;
  const name = parsed.reference ?? parsed.id ?? parsed.description ?? t.common.none;
  return (
    <span className="wraps">
      {name}, {parsed.direction === 'credit' ? sources.credit : sources.debit},{' '}
      {statuses[parsed.status] ?? parsed.status}
    </span>
  );
}
