import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { isJsonObject, JsonField, readJson } from '../blocks/json-field.js';
import { rulesCreate } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

interface EditRulesProps {
  /** What is edited. It stays as it is: what comes of it is another version. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly onClose: () => void;
}

/** The server says of each part what it does not understand, and where it stands. */
export function EditRules({ content, onClose }: EditRulesProps) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(() => JSON.stringify(content, null, 2));
  const [note, setNote] = useState('');
  const store = async (): Promise<void> => {
    const read = readJson(text);
    if (!isJsonObject(read)) throw new Error(t.rules.notJson);
    const made = await answerOf(rulesCreate({ body: { content: read, note } }));
    const { version } = made;
    await queries.invalidateQueries({ queryKey: ['rule-sets'] });
    // What is likely not meant so is said in this answer alone.
    queries.setQueryData(['rule-sets', 'version', String(version)], made);
    announce(t.rules.isStored({ version }));
    await navigate({ to: `/rules/${version}` });
  };
  return (
    <FormDialog title={t.rules.create} action={t.rules.store} size="lg" onClose={onClose} onSubmit={store}>
      {(error) => (
        <>
          <JsonField label={t.rules.content} description={t.rules.contentHint} value={text} onChange={setText} />
          <TextInput
            label={t.rules.note}
            required
            maxLength={500}
            value={note}
            error={fieldErrorOf(error, '/note')}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
