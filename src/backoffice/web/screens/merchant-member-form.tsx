import { Checkbox, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { membersAdd, membersChange, type MerchantMember } from '../generated/index.js';
import { LANGUAGES, useWords, type Language } from '../i18n/i18n.js';

const SUBJECTS = ['technical', 'finance', 'owner'] as const satisfies readonly MerchantMember['subjects'][number][];

interface MemberFormProps {
  readonly merchantId: string;
  /** Whom to change; without: somebody is added. */
  readonly member?: MerchantMember;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

export function MemberForm({ merchantId, member, onClose, onDone }: MemberFormProps) {
  const t = useWords();
  const [typed, setTyped] = useState({
    email: member?.email ?? '',
    name: member?.name ?? '',
    phone: member?.phone ?? '',
    language: member?.language ?? 'en',
  });
  const [subjects, setSubjects] = useState<readonly string[]>(member?.subjects ?? []);
  const change = (field: 'email' | 'name' | 'phone') => ({
    value: typed[field],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      setTyped({ ...typed, [field]: event.currentTarget.value }),
  });
  const submit = async (): Promise<void> => {
    const [name, phone] = [typed.name.trim(), typed.phone.replaceAll(/\s/g, '')];
    const body = {
      email: typed.email.trim(),
      language: typed.language,
      subjects: SUBJECTS.filter((subject) => subjects.includes(subject)),
      ...(name === '' ? {} : { name }),
      ...(phone === '' ? {} : { phone }),
    };
    if (member === undefined) await answerOf(membersAdd({ path: { id: merchantId }, body }));
    else await answerOf(membersChange({ path: { id: merchantId, member: member.id }, body }));
    await onDone();
    announce(member === undefined ? t.members.wasAdded : t.members.wasChanged);
  };
  const title = member === undefined ? t.members.addTitle : t.members.changeTitle;
  return (
    <FormDialog title={title} action={t.common.save} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          <TextInput
            data-autofocus
            label={t.members.email}
            type="email"
            required
            maxLength={254}
            {...change('email')}
            error={fieldErrorOf(error, '/email')}
          />
          <TextInput label={t.common.name} maxLength={200} {...change('name')} error={fieldErrorOf(error, '/name')} />
          <TextInput
            label={t.members.phone}
            description={t.members.phoneHint}
            type="tel"
            maxLength={24}
            {...change('phone')}
            error={fieldErrorOf(error, '/phone')}
          />
          <NativeSelect
            label={t.members.language}
            value={typed.language}
            onChange={(event) =>
              setTyped({
                ...typed,
                language: event.currentTarget.value as Language,
              })
            }
            data={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
          />
          <Checkbox.Group
            label={t.members.subjects}
            value={[...subjects]}
            onChange={setSubjects}
            error={fieldErrorOf(error, '/subjects')}
          >
            <Stack gap="xs" pt="xs">
              {SUBJECTS.map((subject) => (
                <Checkbox
                  key={subject}
                  value={subject}
                  label={t.members.subjectNames[subject]}
                  description={t.members.subjectHints[subject]}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        </>
      )}
    </FormDialog>
  );
}
