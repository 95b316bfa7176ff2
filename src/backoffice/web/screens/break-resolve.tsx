import { NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { resolutionsResolve, type ResolutionsResolveData } from '../generated/index.js';
import { formatAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { ADJUSTMENT_ACCOUNTS, RESOLUTION_ACTIONS, type Break } from './reconciliation-words.js';

type Body = ResolutionsResolveData['body'];
type Action = Body['action'];

const MAX_REMARK = 1_000;

export type Resolvable = Pick<Break, 'id' | 'amount' | 'currency'>;

interface ResolveBreaksProps {
  readonly breaks: readonly Resolvable[];
  readonly onClose: () => void;
  readonly onResolved?: () => void;
}

/** What is at stake in all of them, by currency. */
function useStakes(breaks: readonly Resolvable[]): string {
  const t = useWords();
  const language = useLanguage();
  const sums = new Map<string, number>();
  for (const { amount, currency } of breaks)
    if (amount !== null && currency !== null) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  if (sums.size === 0) return t.reconciliation.resolve.noAmount;
  const amounts = [...sums].map(([currency, minor]) => formatAmount(language, minor, currency)).join(', ');
  return t.reconciliation.resolve.scope({ amounts });
}

function useResolve(breaks: readonly Resolvable[]): (body: Omit<Body, 'breaks'>) => Promise<void> {
  const t = useWords();
  const queries = useQueryClient();
  return async (body) => {
    const { resolve } = t.reconciliation;
    const { data } = await answerOf(resolutionsResolve({ body: { ...body, breaks: breaks.map(({ id }) => id) } }));
    const [first, second] = data;
    const count = data.length;
    if (first?.status === 'proposed') {
      // Several are in the list of what waits.
      const isOne = second === undefined;
      const target = {
        to: isOne ? `/resolutions/${first.id}` : '/resolutions',
        label: isOne ? first.id : t.screens.resolutions,
      };
      announce(resolve.proposed, target);
    } else announce(body.action === 'ask' ? resolve.wasAsked({ count }) : resolve.done({ count }));
    await Promise.all(['breaks', 'break', 'resolutions'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}

/** One break or several, all or none: what moves money is asked for, and another person approves it. */
export function ResolveBreaks({ breaks, onClose, onResolved }: ResolveBreaksProps) {
  const t = useWords();
  const [action, setAction] = useState<Action>('ask');
  const [account, setAccount] = useState<NonNullable<Body['account']>>('suspense');
  const [attempts, setAttempts] = useState('');
  const [remark, setRemark] = useState('');
  const stakes = useStakes(breaks);
  const resolve = useResolve(breaks);
  const { resolve: words } = t.reconciliation;
  const count = breaks.length;
  const submit = async (): Promise<void> => {
    if (remark.trim() === '') throw new Error(words.remarkMissing);
    const ids = attempts.split(/[\s,;]+/).filter((each) => each !== '');
    await resolve({
      action,
      remark,
      ...(action === 'adjust' ? { account } : {}),
      ...(action === 'match' && ids.length > 0 ? { attempts: ids } : {}),
    });
    onResolved?.();
  };
  return (
    <FormDialog
      title={words.title({ count })}
      action={words.submit({ action: words.actions[action], count })}
      onClose={onClose}
      onSubmit={submit}
    >
      {(error) => (
        <Stack gap="sm">
          <Text size="sm">{stakes}</Text>
          <NativeSelect
            data-autofocus
            label={words.action}
            description={words.hints[action]}
            value={action}
            onChange={(event) => setAction(event.currentTarget.value as Action)}
            data={RESOLUTION_ACTIONS.map((value) => ({ value, label: words.actions[value] }))}
          />
          {action === 'adjust' ? (
            <NativeSelect
              label={words.account}
              value={account}
              onChange={(event) => setAccount(event.currentTarget.value as typeof account)}
              data={ADJUSTMENT_ACCOUNTS.map((value) => ({ value, label: words.accounts[value] }))}
            />
          ) : null}
          {action === 'match' ? (
            <Textarea
              label={words.attempts}
              description={words.attemptsHint}
              placeholder="att_…"
              autosize
              minRows={2}
              value={attempts}
              onChange={(event) => setAttempts(event.currentTarget.value)}
            />
          ) : null}
          <Textarea
            label={words.remark}
            description={words.remarkHint}
            required
            autosize
            minRows={2}
            maxLength={MAX_REMARK}
            value={remark}
            error={fieldErrorOf(error, '/remark')}
            onChange={(event) => setRemark(event.currentTarget.value)}
          />
        </Stack>
      )}
    </FormDialog>
  );
}
