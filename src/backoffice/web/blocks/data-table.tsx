import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useMemo, type ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  readonly align?: 'right';
}

interface DataTableProps<Row> {
  /** Names the table for who does not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly empty: { readonly title: string; readonly hint: string };
  /** Absent: the list has one page. */
  readonly pages?: Pages;
}

export interface Pages {
  readonly hasMore: boolean;
  readonly isFirst: boolean;
  readonly onNext: () => void;
  readonly onFirst: () => void;
}

/** Sorting, filters and pages are the server's: the table only shows. */
const features = tableFeatures({});

/** On a narrow screen a row becomes a card whose cells say what they are (app.css); roles keep it a table for who listens. */
export function DataTable<Row extends object>({ label, columns, rows, rowKey, empty, pages }: DataTableProps<Row>) {
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return helper.columns(
      columns.map(({ id, header, cell }) => helper.display({ id, header, cell: ({ row }) => cell(row.original) })),
    );
  }, [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowKey });
  if (rows.length === 0 && (pages === undefined || pages.isFirst)) return <Empty {...empty} />;
  return (
    <Stack gap="sm">
      <Table className="cards" aria-label={label} verticalSpacing="xs" highlightOnHover role="table">
        <Table.Thead role="rowgroup">
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id} role="row">
              {group.headers.map((header) => (
                <Table.Th key={header.id} role="columnheader" ta={byId.get(header.column.id)?.align ?? 'left'}>
                  <table.FlexRender header={header} />
                </Table.Th>
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id} role="row">
              {row.getAllCells().map((cell) => (
                <Table.Td
                  key={cell.id}
                  role="cell"
                  data-label={byId.get(cell.column.id)?.header}
                  ta={byId.get(cell.column.id)?.align ?? 'left'}
                >
                  <table.FlexRender cell={cell} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {pages === undefined ? null : <PageButtons {...pages} />}
    </Stack>
  );
}

function PageButtons({ hasMore, isFirst, onNext, onFirst }: Pages) {
  const t = useWords();
  if (isFirst && !hasMore) return null;
  return (
    <Group gap="xs">
      <Button variant="default" disabled={isFirst} onClick={onFirst}>
        {t.common.first}
      </Button>
      <Button variant="default" disabled={!hasMore} onClick={onNext}>
        {t.common.next}
      </Button>
    </Group>
  );
}

export function Empty({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <Stack gap={4} align="center" className="empty" py="xl">
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" ta="center">
        {hint}
      </Text>
    </Stack>
  );
}
