import { Button, Code, Stack, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { answerOf, given } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useWords } from '../i18n/i18n.js';
import { announce } from './announcements.js';
import { Async } from './async.js';
import { DataTable, type Column } from './data-table.js';
import { ExportCsv } from './export-csv.js';
import { ListFilters } from './list-filters.js';
import { FormDialog } from './form-dialog.js';
import { IdLink } from './id-link.js';
import { isJsonObject, JsonField, readJson } from './json-field.js';
import { localOf, momentOf } from './local-moment.js';
import { Page } from './page.js';
import { Time } from './time.js';
import { useFilters } from './use-filters.js';

const FILTERS = ['merchant'] as const;
/** As in the API. */
const MAX_NOTE = 500;

/** What operators write as data, one version after the other, for one merchant or for all that have none of their own. */
export interface DataVersion {
  readonly id: string;
  readonly merchant: string | null;
  readonly version: number;
  readonly content: unknown;
  readonly valid_from: string;
  readonly note: string;
  readonly created_by: string;
}

interface Asked {
  readonly merchant?: string;
  readonly starting_after?: string;
  readonly format?: 'csv';
}
export interface NewVersion {
  readonly merchant?: string;
  readonly content: Record<string, unknown>;
  readonly valid_from?: string;
  readonly note: string;
}

interface DataVersionsProps<Version extends DataVersion> {
  /** Also of the file. */
  readonly name: string;
  readonly title: string;
  readonly empty: { readonly title: string; readonly hint: string };
  /** Besides those that all of them have. */
  readonly columns?: readonly Column<Version>[];
  readonly list: (
    query: Asked,
    signal: AbortSignal,
  ) => Promise<{ readonly data: { readonly data: readonly Version[]; readonly has_more: boolean } }>;
  readonly csv: (query: Asked) => ReturnType<Parameters<typeof ExportCsv>[0]['ask']>;
  readonly mayCreate: boolean;
  /** Begins as this; the newest of those that are shown, where there is one. */
  readonly blank: object;
  readonly contentHint: string;
  /** @param more what the fields hold that are only here */
  readonly create: (version: NewVersion) => Promise<unknown>;
  readonly moreFields?: (error: unknown) => ReactNode;
}

/** Versions of something, the newest first; none is ever changed, and the next one takes its place. */
export function DataVersions<Version extends DataVersion>(props: DataVersionsProps<Version>) {
  const t = useWords();
  const [isCreating, setCreating] = useState(false);
  const filters = useFilters(FILTERS);
  const { values, after, pages, isFiltered } = filters;
  const versions = useQuery({
    queryKey: [props.name, values, after],
    queryFn: ({ signal }) => answerOf(props.list(given({ ...values, starting_after: after }), signal)),
  });
  const columns = useVersionColumns<Version>(props.columns);
  return (
    <Page
      title={props.title}
      actions={
        <>
          {props.mayCreate ? <Button onClick={() => setCreating(true)}>{t.versions.create}</Button> : null}
          <ExportCsv
            name={props.name}
            ask={(cursor) => props.csv({ ...given({ ...values, starting_after: cursor }), format: 'csv' })}
          />
        </>
      }
    >
      <ListFilters
        filters={filters}
        fields={[{ name: 'merchant', label: t.payments.merchant, as: 'text', placeholder: t.versions.merchantHint }]}
      />
      <Async query={versions}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={props.title}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={isFiltered ? { title: t.common.nothingMatches, hint: '' } : props.empty}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
      {isCreating ? (
        <CreateVersion
          name={props.name}
          content={versions.data?.data[0]?.content ?? props.blank}
          hint={props.contentHint}
          create={props.create}
          moreFields={props.moreFields}
          onClose={() => setCreating(false)}
        />
      ) : null}
    </Page>
  );
}

function useVersionColumns<Version extends DataVersion>(
  more: readonly Column<Version>[] = [],
): readonly Column<Version>[] {
  const t = useWords();
  return useMemo(
    () => [
      {
        id: 'merchant',
        header: t.payments.merchant,
        cell: ({ merchant }) => (merchant === null ? t.versions.everybody : <IdLink>{merchant}</IdLink>),
      },
      { id: 'version', header: t.rules.version, align: 'right', cell: ({ version }) => version },
      ...more,
      { id: 'from', header: t.versions.validFrom, cell: (version) => <Time at={version.valid_from} /> },
      { id: 'note', header: t.rules.note, cell: ({ note }) => note },
      { id: 'by', header: t.rules.by, cell: (version) => <IdLink>{version.created_by}</IdLink> },
      {
        id: 'content',
        header: t.versions.content,
        cell: ({ content }) => (
          <details>
            <summary>{t.common.details}</summary>
            <Code block className="wraps">
              {JSON.stringify(content, null, 2)}
            </Code>
          </details>
        ),
      },
    ],
    [t, more],
  );
}

interface CreateVersionProps {
  readonly name: string;
  readonly content: unknown;
  readonly hint: string;
  readonly create: (version: NewVersion) => Promise<unknown>;
  readonly moreFields: ((error: unknown) => ReactNode) | undefined;
  readonly onClose: () => void;
}

function CreateVersion({ name, content, hint, create, moreFields, onClose }: CreateVersionProps) {
  const t = useWords();
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(content, null, 2));
  const [merchant, setMerchant] = useState('');
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const submit = async (): Promise<void> => {
    const read = readJson(text);
    if (!isJsonObject(read)) throw new Error(t.rules.notJson);
    await create({ content: read, note, ...given({ merchant: merchant.trim(), valid_from: momentOf(from) }) });
    await queries.invalidateQueries({ queryKey: [name] });
    announce(t.versions.created);
  };
  return (
    <FormDialog title={t.versions.create} action={t.versions.create} size="lg" onClose={onClose} onSubmit={submit}>
      {(error) => (
        <Stack>
          <TextInput
            data-autofocus
            label={t.payments.merchant}
            description={t.versions.forWhom}
            placeholder="mer_…"
            maxLength={64}
            value={merchant}
            error={fieldErrorOf(error, '/merchant')}
            onChange={(event) => setMerchant(event.currentTarget.value)}
          />
          {moreFields?.(error)}
          <JsonField label={t.versions.contentJson} description={hint} value={text} onChange={setText} />
          <TextInput
            type="datetime-local"
            label={t.versions.validFrom}
            description={t.versions.validHint}
            value={from}
            error={fieldErrorOf(error, '/valid_from')}
            onChange={(event) => setFrom(localOf(momentOf(event.currentTarget.value)))}
          />
          <TextInput
            label={t.rules.note}
            required
            maxLength={MAX_NOTE}
            value={note}
            error={fieldErrorOf(error, '/note')}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </Stack>
      )}
    </FormDialog>
  );
}
