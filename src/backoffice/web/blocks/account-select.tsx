import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../api/client.js';
import { reconciliationAccounts } from '../generated/index.js';
import { useMode } from '../shell/mode.js';

interface AccountSelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  /** What it says where none is chosen. */
  readonly any: string;
  readonly required?: boolean;
  readonly error?: string | undefined;
  readonly className?: string;
}

/** Gateway accounts of the mode that one is in, by what tells them apart. */
export function AccountSelect({ value, any, ...props }: AccountSelectProps) {
  const isLive = useMode() === 'live';
  const accounts = useQuery({
    queryKey: ['reconciliation-accounts'],
    queryFn: ({ signal }) => answerOf(reconciliationAccounts({ signal })),
  });
  const known = (accounts.data?.data ?? [])
    .filter(({ livemode }) => livemode === isLive)
    .map(({ id, gateway }) => ({ value: id, label: `${gateway} · ${id}` }));
  // One that the address names and that is not among them: of the other mode, or not there yet.
  const others = value === '' || known.some((each) => each.value === value) ? [] : [{ value, label: value }];
  return <NativeSelect {...props} value={value} data={[{ value: '', label: any }, ...known, ...others]} />;
}
