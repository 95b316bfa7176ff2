import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { downloadCsv } from '../api/csv.js';
import { useWords } from '../i18n/i18n.js';
import { announce } from './announcements.js';
import { ProblemAlert } from './problem-alert.js';

interface ExportCsvProps {
  /** Of the file, without its ending. */
  readonly name: string;
  /** For the page after the given one. */
  readonly ask: Parameters<typeof downloadCsv>[0];
}

/** All that a filter lets through, page after page, while one goes on working; it goes on where one leaves the screen, too. */
export function ExportCsv({ name, ask }: ExportCsvProps) {
  const t = useWords();
  const [pages, setPages] = useState(0);
  const exported = useMutation({
    mutationFn: () => downloadCsv(ask, name, setPages),
    onSuccess: (isAll) => {
      if (!isAll) announce(t.common.exportCut);
    },
    onSettled: () => setPages(0),
  });
  return (
    <>
      {/* Not the kit's spinner: that would hide how far it has come. */}
      <Button variant="default" disabled={exported.isPending} onClick={() => exported.mutate()}>
        {exported.isPending ? t.common.exportedSoFar({ pages }) : t.audit.export}
      </Button>
      <ProblemAlert error={exported.error} />
    </>
  );
}
