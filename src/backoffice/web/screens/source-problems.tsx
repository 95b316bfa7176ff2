import { useMemo } from 'react';
import { DataTable, type Column } from '../blocks/data-table.js';
import type { FileProblem } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

/** What is wrong with a file, by line and column. */
export function SourceProblems({ problems }: { readonly problems: readonly FileProblem[] }) {
  const t = useWords();
  const columns = useMemo<readonly Column<FileProblem>[]>(() => {
    const { sources } = t.books;
    return [
      { id: 'line', header: sources.atLine, align: 'right', cell: ({ line }) => line ?? t.common.none },
      { id: 'column', header: sources.column, cell: ({ column }) => column ?? t.common.none },
      { id: 'message', header: sources.message, cell: ({ message }) => message },
    ];
  }, [t]);
  return (
    <DataTable
      label={t.books.sources.problems}
      columns={columns}
      rows={problems}
      rowKey={({ line, column, code, message }) => `${line} ${column} ${code} ${message}`}
      empty={{ title: t.common.nothing, hint: '' }}
    />
  );
}
