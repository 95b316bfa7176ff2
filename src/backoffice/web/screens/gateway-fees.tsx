import { Button, Code, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { readJson } from '../blocks/json-field.js';
import { Section } from '../blocks/page.js';
import { DataTable } from '../blocks/data-table.js';
import { routingAdminFees, type GatewayAccount } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

type Schedule = GatewayAccount['fees'][number];

/** What routing takes the account to keep. */
export function GatewayFees({ account }: { readonly account: GatewayAccount }) {
  const t = useWords();
  const words = t.gateways;
  const mayManage = useMay('routing', 'manage');
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={words.fees}
      actions={
        mayManage ? (
          <Button size="xs" variant="default" onClick={() => setOpen(true)}>
            {words.changeFees}
          </Button>
        ) : undefined
      }
    >
      <Text size="sm">{words.feesHint}</Text>
      <DataTable
        label={words.fees}
        columns={[
          { id: 'of', header: words.feeOf, cell: (schedule: Schedule) => words.kinds[schedule.kind ?? 'payment'] },
          { id: 'currency', header: t.payments.currency, cell: ({ currency }: Schedule) => currency },
          {
            id: 'method',
            header: t.payments.method,
            cell: ({ method, network }: Schedule) =>
              [method, network].filter((part) => part !== undefined).join('/') || t.payments.any,
          },
          {
            id: 'fee',
            header: words.feeFull,
            cell: ({ fee }: Schedule) => <Code className="wraps">{JSON.stringify(fee)}</Code>,
          },
        ]}
        rows={account.fees}
        rowKey={(schedule) => JSON.stringify(schedule)}
        empty={{ title: words.noFees, hint: '' }}
      />
      {isOpen ? <ChangeFees account={account} onClose={() => setOpen(false)} /> : null}
    </Section>
  );
}

/** Whole: schedules count in their order. What the server does not understand stands in the dialog, with its place. */
function ChangeFees({ account, onClose }: { readonly account: GatewayAccount; readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(account.fees, null, 2));
  const read = readJson(text);
  const save = async (): Promise<void> => {
    if (!Array.isArray(read)) throw new Error(t.gateways.notAList);
    const fees: unknown[] = read;
    await answerOf(routingAdminFees({ path: { id: account.id }, body: { fees } }));
    await queries.invalidateQueries({ queryKey: ['gateways'] });
    announce(t.gateways.feesChanged);
  };
  return (
    <FormDialog title={t.gateways.changeFees} action={t.common.save} size="lg" onClose={onClose} onSubmit={save}>
      {() => (
        <Textarea
          data-autofocus
          label={t.gateways.feesField}
          description={t.gateways.feesFieldHint}
          required
          rows={14}
          spellCheck={false}
          classNames={{ input: 'json' }}
          value={text}
          error={Array.isArray(read) ? undefined : t.gateways.notAList}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
