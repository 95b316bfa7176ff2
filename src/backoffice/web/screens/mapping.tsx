import { Button, Code, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { Facts } from '../blocks/facts.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Id } from '../blocks/id.js';
import { isJsonObject, JsonField, readJson } from '../blocks/json-field.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { mappingsMapping, mappingsSave, type ReconciliationMapping } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { Origin } from './mappings.js';

const INDENT = 2;
const written = ({ mapping }: ReconciliationMapping): string => JSON.stringify(mapping, null, INDENT);

/** One mapping in full, to be copied and saved as an own one. */
export function MappingDetail() {
  const t = useWords();
  const mayManage = useMay('reconciliation', 'manage');
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const [isSaving, setSaving] = useState(false);
  const mapping = useQuery({
    queryKey: ['mapping', id],
    queryFn: ({ signal }) => answerOf(mappingsMapping({ path: { id }, signal })),
  });
  const found = mapping.data;
  return (
    <Page
      title={found?.name ?? t.screens.mapping}
      actions={
        mayManage && found !== undefined ? (
          <Button onClick={() => setSaving(true)}>{t.books.mappings.save}</Button>
        ) : undefined
      }
    >
      <Async query={mapping}>{(shown) => <Found mapping={shown} />}</Async>
      {isSaving && found !== undefined ? <Save mapping={found} onClose={() => setSaving(false)} /> : null}
    </Page>
  );
}

function Found({ mapping }: { readonly mapping: ReconciliationMapping }) {
  const t = useWords();
  const { mappings } = t.books;
  return (
    <>
      <Facts
        facts={[
          [t.common.id, <Id key="id">{mapping.id}</Id>],
          [mappings.produces, mappings.kinds[mapping.produces]],
          [mappings.gateway, mapping.gateway ?? mappings.anyBank],
          [mappings.origin, <Origin key="origin" mapping={mapping} />],
          [t.common.created, <Time key="created" at={mapping.created_at} />],
        ]}
      />
      {mapping.description === null ? null : <Text size="sm">{mapping.description}</Text>}
      <Section title={mappings.content}>
        <Code block className="wraps">
          {written(mapping)}
        </Code>
      </Section>
    </>
  );
}

function Save({ mapping, onClose }: { readonly mapping: ReconciliationMapping; readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(() => written(mapping));
  const { mappings } = t.books;
  const save = async (): Promise<void> => {
    const content = readJson(text);
    if (!isJsonObject(content)) throw new Error(t.rules.notJson);
    const body = { mapping: content, ...given({ gateway: mapping.gateway ?? undefined }) };
    const saved = await answerOf(mappingsSave({ body }));
    announce(mappings.saved({ id: saved.id }));
    await queries.invalidateQueries({ queryKey: ['mappings'] });
    await navigate({ to: `/mappings/${encodeURIComponent(saved.id)}` });
  };
  return (
    <FormDialog title={mappings.saveTitle} action={t.common.save} size="lg" onClose={onClose} onSubmit={save}>
      {() => (
        <>
          <Text size="sm">{mappings.saveIntro}</Text>
          <JsonField label={mappings.content} value={text} onChange={setText} />
        </>
      )}
    </FormDialog>
  );
}
