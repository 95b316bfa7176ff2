import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ModeBadge, State } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Id } from '../blocks/id.js';
import { Section } from '../blocks/page.js';
import { SecretDialog } from '../blocks/secret-dialog.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { merchantsListKeys, merchantsRevokeKey, type ApiKey } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { CreateApiKey, RollApiKey } from './api-key-forms.js';

const FILTERS = [] as const;

type Open = { readonly what: 'create' } | { readonly what: 'roll' | 'revoke'; readonly key: ApiKey };

/** Keys of a merchant, in both modes: which one a key is for is part of it. */
export function ApiKeys({ merchantId }: { readonly merchantId: string }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useMay('merchants', 'manage');
  const [open, setOpen] = useState<Open>();
  const [secret, setSecret] = useState<string>();
  const { after, pages } = useFilters(FILTERS);
  const keys = useQuery({
    queryKey: ['api-keys', merchantId, after],
    queryFn: ({ signal }) =>
      answerOf(merchantsListKeys({ path: { id: merchantId }, query: given({ starting_after: after }), signal })),
  });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['api-keys', merchantId] });
  const close = (): void => setOpen(undefined);
  const taken = async (made: string): Promise<void> => {
    setSecret(made);
    await refresh();
  };
  const columns = useKeyColumns(mayManage, setOpen);
  return (
    <Section
      title={t.keys.title}
      actions={
        <>
          {mayManage ? <Button onClick={() => setOpen({ what: 'create' })}>{t.keys.create}</Button> : null}
          <ExportCsv
            name="api_keys"
            ask={(cursor) => merchantsListKeys({ path: { id: merchantId }, query: csvAfter(cursor), parseAs: 'text' })}
          />
        </>
      }
    >
      <Async query={keys}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.keys.title}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.keys.empty, hint: t.keys.emptyHint }}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
      {open?.what === 'create' ? <CreateApiKey merchantId={merchantId} onClose={close} onMade={taken} /> : null}
      {open?.what === 'roll' ? <RollApiKey apiKey={open.key} onClose={close} onMade={taken} /> : null}
      {open?.what === 'revoke' ? <Revoke apiKey={open.key} onClose={close} onRevoked={refresh} /> : null}
      <SecretDialog
        title={t.keys.secretTitle}
        intro={t.keys.secretIntro}
        secret={secret}
        onDone={() => setSecret(undefined)}
      />
    </Section>
  );
}

const isOver = ({ revoked_at: revokedAt, expires_at: expiresAt }: ApiKey): boolean =>
  revokedAt !== null || (expiresAt !== null && new Date(expiresAt) <= new Date());

function useKeyColumns(mayManage: boolean, onOpen: (open: Open) => void): readonly Column<ApiKey>[] {
  const t = useWords();
  return useMemo(() => {
    const columns: readonly Column<ApiKey>[] = [
      {
        id: 'name',
        header: t.common.name,
        cell: (key) => (
          <Stack gap={2}>
            <Text size="sm">{key.name ?? t.keys.unnamed}</Text>
            <Id>{key.id}</Id>
          </Stack>
        ),
      },
      { id: 'mode', header: t.keys.mode, cell: (key) => <ModeBadge livemode={key.livemode} /> },
      { id: 'ending', header: t.keys.ending, cell: (key) => <Id>{`…${key.last4}`}</Id> },
      {
        id: 'scopes',
        header: t.keys.scopes,
        cell: (key) => (
          <Text size="xs" className="wraps">
            {key.scopes === null ? t.keys.allScopes : key.scopes.join(', ')}
          </Text>
        ),
      },
      {
        id: 'used',
        header: t.keys.lastUsed,
        cell: (key) => <Time at={key.last_used_at} otherwise={t.keys.notYet} />,
      },
      { id: 'status', header: t.common.status, cell: (key) => <KeyState apiKey={key} /> },
    ];
    if (!mayManage) return columns;
    const actions: Column<ApiKey> = {
      id: 'actions',
      header: t.common.actions,
      cell: (key) => (isOver(key) ? null : <KeyActions apiKey={key} onOpen={onOpen} />),
    };
    return [...columns, actions];
  }, [t, mayManage, onOpen]);
}

function KeyState({ apiKey }: { readonly apiKey: ApiKey }) {
  const t = useWords();
  if (apiKey.revoked_at !== null) return <State is="bad">{t.keys.revoked}</State>;
  if (apiKey.expires_at === null) return <State is="good">{t.keys.active}</State>;
  return (
    <Text size="xs">
      {t.keys.ends} <Time at={apiKey.expires_at} />
    </Text>
  );
}

interface KeyActionsProps {
  readonly apiKey: ApiKey;
  readonly onOpen: (open: Open) => void;
}

function KeyActions({ apiKey, onOpen }: KeyActionsProps) {
  const t = useWords();
  return (
    <Group gap="xs">
      {apiKey.expires_at === null ? (
        <Button size="xs" variant="default" onClick={() => onOpen({ what: 'roll', key: apiKey })}>
          {t.keys.roll}
        </Button>
      ) : null}
      <Button size="xs" variant="default" onClick={() => onOpen({ what: 'revoke', key: apiKey })}>
        {t.keys.revoke}
      </Button>
    </Group>
  );
}

interface RevokeProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
  readonly onRevoked: () => Promise<void>;
}

function Revoke({ apiKey, onClose, onRevoked }: RevokeProps) {
  const t = useWords();
  const revoke = async (): Promise<void> => {
    await merchantsRevokeKey({ path: { id: apiKey.id } });
    await onRevoked();
    announce(t.keys.wasRevoked);
  };
  return (
    <ConfirmDialog
      opened
      title={t.keys.revokeTitle({ name: apiKey.name ?? `…${apiKey.last4}` })}
      action={t.keys.revoke}
      isDangerous
      onClose={onClose}
      onConfirm={revoke}
    >
      {t.keys.revokeIntro} <Id>{apiKey.id}</Id>
    </ConfirmDialog>
  );
}
