import { Alert, Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { answerOf, given } from '../api/client.js';
import { announce } from '../blocks/announcements.js';
import { momentOf } from '../blocks/local-moment.js';
import { Page, Section } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { uploadsPreview, uploadsUpload } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { SourcePreview } from './source-preview.js';
import { NOTHING_TYPED, UploadFields, type Typed } from './source-upload-fields.js';

/** A look needs no more, and a large file is sent once. */
const PREVIEW_BYTES = 131_072;

const typeOf = (name: string): 'application/xml' | 'text/csv' =>
  name.toLowerCase().endsWith('.xml') ? 'application/xml' : 'text/csv';

const headersOf = (file: File) => ({ 'Content-Type': typeOf(file.name) });

/** How a file is to be read, for the preview and the upload alike. */
const readingOf = ({ kind, account, mapping }: Typed) => ({
  kind,
  ...given({ gateway_account: kind === 'file' ? account : undefined, mapping }),
});

/** A file of a gateway or a bank: looked at first, and taken in when one says so. */
export function SourceUpload() {
  const t = useWords();
  const livemode = useLivemode();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Typed>(NOTHING_TYPED);
  const { upload } = t.books;
  const preview = useMutation({
    mutationFn: (asked: Typed) => {
      if (asked.file === null || (asked.kind === 'file' && asked.account === '')) throw new Error(upload.missing);
      const head = asked.file.slice(0, PREVIEW_BYTES);
      return answerOf(uploadsPreview({ query: readingOf(asked), body: head, headers: headersOf(asked.file) }));
    },
  });
  const taken = useMutation({
    mutationFn: ({ file, ...asked }: Typed & { readonly file: File }) => {
      const { kind, from, to, bankAccount } = asked;
      const what =
        kind === 'file'
          ? given({ from: momentOf(from), to: momentOf(to) })
          : { livemode, ...given({ bank_account: bankAccount.trim() }) };
      const query = { ...readingOf({ ...asked, file }), name: file.name, ...what };
      return answerOf(uploadsUpload({ query, body: file, headers: headersOf(file) }));
    },
    onSuccess: async ({ id }) => {
      announce(upload.taken);
      await queries.invalidateQueries({ queryKey: ['sources'] });
      await navigate({ to: `/sources/${id}` });
    },
  });
  // What is shown of a file that is not the one any more would be taken for it.
  const change = (next: Typed): void => {
    setTyped(next);
    preview.reset();
    taken.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    preview.mutate(typed);
  };
  const { file } = typed;
  const found = preview.data;
  return (
    <Page title={t.screens.sourceUpload}>
      <Text size="sm">{upload.intro}</Text>
      <form onSubmit={submit}>
        <UploadFields typed={typed} onChange={change} />
        <Group pt="sm">
          <Button type="submit" variant="default" loading={preview.isPending}>
            {upload.preview}
          </Button>
        </Group>
      </form>
      <ProblemAlert error={preview.error} />
      {found === undefined || file === null ? null : (
        <Section
          title={upload.previewTitle}
          actions={
            <Button loading={taken.isPending} onClick={() => taken.mutate({ ...typed, file })}>
              {upload.take}
            </Button>
          }
        >
          <ProblemAlert error={taken.error} />
          {found.format === 'csv' && found.mapping === null ? <Alert color="red">{upload.noMapping}</Alert> : null}
          <SourcePreview
            preview={found}
            onUse={(mapping) => {
              const next = { ...typed, mapping };
              change(next);
              preview.mutate(next);
            }}
          />
        </Section>
      )}
    </Page>
  );
}
