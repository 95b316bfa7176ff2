import { FileInput, NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../api/client.js';
import { mappingsList, reconciliationAccounts } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { AccountSelect } from '../blocks/account-select.js';

/** What is known of a file that is to be uploaded. */
export interface Typed {
  readonly kind: 'file' | 'bank';
  readonly file: File | null;
  readonly account: string;
  /** Empty: whatever fits. */
  readonly mapping: string;
  readonly bankAccount: string;
  readonly from: string;
  readonly to: string;
}

export const NOTHING_TYPED: Typed = {
  kind: 'file',
  file: null,
  account: '',
  mapping: '',
  bankAccount: '',
  from: '',
  to: '',
};

const MAX_ACCOUNT = 64;

interface UploadFieldsProps {
  readonly typed: Typed;
  readonly onChange: (typed: Typed) => void;
}

export function UploadFields({ typed, onChange }: UploadFieldsProps) {
  const t = useWords();
  const { upload, sources } = t.books;
  const change = (name: 'bankAccount' | 'from' | 'to') => ({
    value: typed[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ ...typed, [name]: event.currentTarget.value }),
  });
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      <NativeSelect
        label={upload.kind}
        value={typed.kind}
        onChange={(event) =>
          onChange({ ...typed, kind: event.currentTarget.value === 'bank' ? 'bank' : 'file', mapping: '' })
        }
        data={[
          { value: 'file', label: sources.kinds.file },
          { value: 'bank', label: sources.kinds.bank },
        ]}
      />
      {typed.kind === 'file' ? (
        <AccountSelect
          label={t.reconciliation.gatewayAccount}
          any={t.books.runs.chooseAccount}
          required
          value={typed.account}
          onChange={(event) => onChange({ ...typed, account: event.currentTarget.value, mapping: '' })}
        />
      ) : (
        <TextInput
          label={upload.bankAccount}
          description={upload.bankAccountHint}
          maxLength={MAX_ACCOUNT}
          {...change('bankAccount')}
        />
      )}
      <FileInput
        label={upload.file}
        placeholder={upload.choose}
        required
        accept=".csv,.txt,.xml,text/csv,application/xml,text/xml"
        value={typed.file}
        onChange={(file) => onChange({ ...typed, file })}
      />
      <MappingSelect typed={typed} onChange={onChange} />
      {typed.kind === 'file' ? (
        <>
          <TextInput type="datetime-local" label={upload.from} description={upload.windowHint} {...change('from')} />
          <TextInput type="datetime-local" label={upload.to} description={upload.windowHint} {...change('to')} />
        </>
      ) : null}
    </SimpleGrid>
  );
}

/** Those that read files of the account's gateway, or of banks. */
function MappingSelect({ typed, onChange }: UploadFieldsProps) {
  const t = useWords();
  const mappings = useQuery({
    queryKey: ['mappings'],
    queryFn: ({ signal }) => answerOf(mappingsList({ signal })),
  });
  const accounts = useQuery({
    queryKey: ['reconciliation-accounts'],
    queryFn: ({ signal }) => answerOf(reconciliationAccounts({ signal })),
  });
  const account = accounts.data?.data.find(({ id }) => id === typed.account);
  const gateway = typed.kind === 'bank' ? null : account?.gateway;
  const fitting = mappings.data?.data.filter((mapping) => mapping.gateway === gateway) ?? [];
  return (
    <NativeSelect
      label={t.books.upload.mapping}
      value={typed.mapping}
      onChange={(event) => onChange({ ...typed, mapping: event.currentTarget.value })}
      data={[
        { value: '', label: t.books.upload.fitting },
        ...fitting.map(({ id, name }) => ({ value: id, label: `${name} · ${id}` })),
      ]}
    />
  );
}
