import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { localOf, momentOf } from '../blocks/local-moment.js';
import {
  maintenanceChange,
  maintenanceCreate,
  routingAdminGateways,
  type GatewayAccount,
  type MaintenanceWindow,
} from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

/** As the API has it. */
const MAX_REASON = 500;
/** An account or, with this before it, a gateway. */
const WHOLE = 'gateway:';

/** Every gateway there is an account at, then each account. */
function targetsOf(accounts: readonly GatewayAccount[], every: string): { value: string; label: string }[] {
  const gateways = [...new Set(accounts.map(({ gateway }) => gateway))].toSorted();
  return [
    ...gateways.map((gateway) => ({ value: `${WHOLE}${gateway}`, label: `${gateway} (${every})` })),
    ...accounts.map(({ id, gateway, name }) => ({ value: id, label: `${gateway}/${name}` })),
  ];
}

export function CreateWindow({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const words = t.gateways.maintenance;
  const queries = useQueryClient();
  const accounts = useQuery({
    queryKey: ['gateways'],
    queryFn: ({ signal }) => answerOf(routingAdminGateways({ signal })),
  });
  const targets = targetsOf(accounts.data?.data ?? [], t.gateways.allGateways);
  const [typed, setTyped] = useState({ target: '', network: '', from: '', to: '', reason: '' });
  const change = (name: keyof typeof typed) => ({
    value: typed[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  const create = async (): Promise<void> => {
    const { target, network, reason } = typed;
    const [from, to] = [momentOf(typed.from) ?? '', momentOf(typed.to) ?? ''];
    const where = target.startsWith(WHOLE) ? { gateway: target.slice(WHOLE.length) } : { gateway_account: target };
    const narrowed = network.trim() === '' ? {} : { network: network.trim() };
    await answerOf(maintenanceCreate({ body: { ...where, ...narrowed, from, to, reason } }));
    await queries.invalidateQueries({ queryKey: ['maintenance'] });
    announce(words.created);
  };
  return (
    <FormDialog title={words.create} action={words.create} onClose={onClose} onSubmit={create}>
      {(error) => (
        <>
          <NativeSelect
            data-autofocus
            label={words.target}
            required
            {...change('target')}
            error={fieldErrorOf(error, '/gateway') ?? fieldErrorOf(error, '/gateway_account')}
            data={[{ value: '', label: t.common.none, disabled: true }, ...targets]}
          />
          <TextInput
            label={t.gateways.network}
            description={words.networkHint}
            maxLength={64}
            {...change('network')}
            error={fieldErrorOf(error, '/network')}
          />
          <TextInput
            label={words.from}
            type="datetime-local"
            required
            {...change('from')}
            error={fieldErrorOf(error, '/from')}
          />
          <TextInput
            label={words.to}
            type="datetime-local"
            required
            {...change('to')}
            error={fieldErrorOf(error, '/to')}
          />
          <TextInput
            label={words.reason}
            required
            maxLength={MAX_REASON}
            {...change('reason')}
            error={fieldErrorOf(error, '/reason')}
          />
        </>
      )}
    </FormDialog>
  );
}

/** Where it is and when it begins stays: for another window there is another one. */
export function ChangeWindow({
  window,
  onClose,
}: {
  readonly window: MaintenanceWindow;
  readonly onClose: () => void;
}) {
  const words = useWords().gateways.maintenance;
  const queries = useQueryClient();
  const [to, setTo] = useState(() => localOf(window.to));
  const [reason, setReason] = useState(window.reason);
  const save = async (): Promise<void> => {
    // The field knows minutes alone: what nobody has changed stays as it is, to the second.
    const moment = to === localOf(window.to) ? window.to : (momentOf(to) ?? '');
    await answerOf(maintenanceChange({ path: { id: window.id }, body: { to: moment, reason } }));
    await queries.invalidateQueries({ queryKey: ['maintenance'] });
    announce(words.changed);
  };
  return (
    <FormDialog title={words.changeTitle} action={words.change} onClose={onClose} onSubmit={save}>
      {(error) => (
        <>
          <TextInput
            data-autofocus
            label={words.to}
            type="datetime-local"
            required
            value={to}
            error={fieldErrorOf(error, '/to')}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <TextInput
            label={words.reason}
            required
            maxLength={MAX_REASON}
            value={reason}
            error={fieldErrorOf(error, '/reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
