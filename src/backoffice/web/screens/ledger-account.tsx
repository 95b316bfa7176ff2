import { Button, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { Amount } from '../blocks/amount.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import {
  adminAccountsFreeze,
  adminAccountsRead,
  adminAccountsUnfreeze,
  type LedgerAccount,
} from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { Statement } from './ledger-statement.js';
import { AccountState, named, useKindName } from './ledger-words.js';

/** As in the API. */
const MAX_REASON = 500;

export function LedgerAccountDetail() {
  const t = useWords();
  const kindName = useKindName();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const account = useQuery({
    queryKey: ['ledger-account', id],
    queryFn: ({ signal }) => answerOf(adminAccountsRead({ path: { id }, signal })),
  });
  const { data } = account;
  return (
    <Page
      title={data === undefined ? t.screens.ledgerAccount : (data.name ?? `${kindName(data.kind)}, ${data.currency}`)}
      actions={data === undefined ? undefined : <Actions account={data} />}
    >
      <Async query={account}>
        {(found) => (
          <>
            <AccountFacts account={found} />
            <Statement account={found} />
          </>
        )}
      </Async>
    </Page>
  );
}

/** What is held stands on the side that it will leave from; it can no longer be used, and is still there. */
const heldOf = ({ normal_side: side, pending_debits: debits, pending_credits: credits }: LedgerAccount): number =>
  side === 'debit' ? credits : debits;
const comingTo = ({ normal_side: side, pending_debits: debits, pending_credits: credits }: LedgerAccount): number =>
  side === 'debit' ? debits : credits;

function AccountFacts({ account }: { readonly account: LedgerAccount }) {
  const t = useWords();
  const kindName = useKindName();
  const { currency, state_change: change } = account;
  const amount = (key: string, minor: number) => <Amount key={key} minor={minor} currency={currency} />;
  return (
    <Facts
      facts={[
        [t.ledger.posted, amount('posted', account.balance)],
        [t.ledger.held, amount('held', heldOf(account))],
        [t.ledger.free, amount('free', account.balance - heldOf(account))],
        [t.ledger.pending, amount('pending', comingTo(account))],
        [t.trialBalance.debits, amount('debits', account.debits)],
        [t.trialBalance.credits, amount('credits', account.credits)],
        [t.ledger.growsBy, account.normal_side === 'debit' ? t.trialBalance.debits : t.trialBalance.credits],
        [t.ledger.kind, kindName(account.kind)],
        [t.common.status, <AccountState key="state" state={account.state} />],
        [
          t.ledger.stateWhy,
          change === null ? (
            t.common.none
          ) : (
            <span key="why">
              {change.reason} ({named(t.ledger.actors, change.by)}, <Time at={change.at} />)
            </span>
          ),
        ],
        [t.keys.mode, <ModeBadge key="mode" livemode={account.livemode} />],
        [
          t.ledger.owner,
          account.merchant_id === null ? t.ledger.platform : <IdLink key="owner">{account.merchant_id}</IdLink>,
        ],
        ...(account.gateway_account === null
          ? []
          : [[t.ledger.gatewayAccount, <IdLink key="gateway">{account.gateway_account}</IdLink>] as const]),
        ...(account.code === null ? [] : [[t.ledger.code, account.code] as const]),
        [t.common.id, <Id key="id">{account.id}</Id>],
        [t.common.created, <Time key="created" at={account.created_at} />],
      ]}
    />
  );
}

function Actions({ account }: { readonly account: LedgerAccount }) {
  const t = useWords();
  const mayFreeze = useMay('ledger', 'manage');
  const mayOpen = useMay('ledger', 'authorise');
  const [isAsking, setAsking] = useState(false);
  if (account.state === 'closed' || !(account.state === 'open' ? mayFreeze : mayOpen)) return null;
  return (
    <>
      <Button {...(account.state === 'open' ? { color: 'red' } : {})} variant="default" onClick={() => setAsking(true)}>
        {account.state === 'open' ? t.ledger.freeze : t.ledger.unfreeze}
      </Button>
      {isAsking ? <ChangeState account={account} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function ChangeState({ account, onClose }: { readonly account: LedgerAccount; readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const isOpen = account.state === 'open';
  const change = async (): Promise<void> => {
    const asked = { path: { id: account.id }, body: { reason: reason.trim() } };
    await (isOpen ? adminAccountsFreeze(asked) : adminAccountsUnfreeze(asked));
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['ledger-account', account.id] }),
      queries.invalidateQueries({ queryKey: ['ledger-accounts'] }),
    ]);
    announce(isOpen ? t.ledger.isFrozen : t.ledger.isOpen);
  };
  return (
    <FormDialog
      title={isOpen ? t.ledger.freezeTitle : t.ledger.unfreezeTitle}
      action={isOpen ? t.ledger.freeze : t.ledger.unfreeze}
      onClose={onClose}
      onSubmit={change}
    >
      {(error) => (
        <Textarea
          data-autofocus
          label={t.ledger.reason}
          description={isOpen ? t.ledger.freezeHint : t.ledger.unfreezeHint}
          required
          autosize
          minRows={2}
          maxLength={MAX_REASON}
          value={reason}
          error={fieldErrorOf(error, '/reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
