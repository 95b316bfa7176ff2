import { Checkbox, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { momentOf } from '../blocks/local-moment.js';
import { reconciliationAsk } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { AccountSelect } from '../blocks/account-select.js';

/** Has one gateway account compared over a window. */
export function StartRun({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [account, setAccount] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [asksGateway, setAsksGateway] = useState(true);
  const { runs } = t.books;
  const start = async (): Promise<void> => {
    const [begin, end] = [momentOf(from), momentOf(to)];
    if (account === '' || begin === undefined || end === undefined) throw new Error(runs.noWindow);
    const body = { gateway_account: account, from: begin, to: end, listing: asksGateway };
    const run = await answerOf(reconciliationAsk({ body }));
    announce(runs.started);
    await queries.invalidateQueries({ queryKey: ['reconciliation-runs'] });
    await navigate({ to: `/reconciliation-runs/${run.id}` });
  };
  return (
    <FormDialog title={runs.startTitle} action={runs.start} onClose={onClose} onSubmit={start}>
      {(error) => (
        <>
          <Text size="sm">{runs.startIntro}</Text>
          <AccountSelect
            label={t.reconciliation.gatewayAccount}
            any={runs.chooseAccount}
            required
            value={account}
            error={fieldErrorOf(error, '/gateway_account')}
            onChange={(event) => setAccount(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={t.books.from}
            required
            value={from}
            error={fieldErrorOf(error, '/from')}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={t.books.to}
            required
            value={to}
            error={fieldErrorOf(error, '/to')}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Checkbox
            label={runs.withListing}
            description={runs.withListingHint}
            checked={asksGateway}
            onChange={(event) => setAsksGateway(event.currentTarget.checked)}
          />
        </>
      )}
    </FormDialog>
  );
}
