import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';
import { ProblemAlert } from './problem-alert.js';

interface AsyncProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}

/** What is asked for: while it is on its way, when it did not come, and when it is there. */
export function Async<Data>({ query, children }: AsyncProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  return <Loading />;
}

const LINES = ['a', 'b', 'c', 'd', 'e'];

export function Loading() {
  const t = useWords();
  return (
    <Stack gap="xs" role="status">
      <VisuallyHidden>{t.common.loading}</VisuallyHidden>
      {LINES.map((line) => (
        <Skeleton key={line} height={28} radius="sm" />
      ))}
    </Stack>
  );
}
