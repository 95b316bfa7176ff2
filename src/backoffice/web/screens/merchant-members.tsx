import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Id } from '../blocks/id.js';
import { Section } from '../blocks/page.js';
import { membersList, membersRemove, type MerchantMember } from '../generated/index.js';
import { LANGUAGES, useWords } from '../i18n/i18n.js';
import { MemberForm } from './merchant-member-form.js';

type Open = { readonly what: 'add' } | { readonly what: 'change' | 'remove'; readonly member: MerchantMember };

/** Beyond what a merchant may have: all of them are shown. */
const SHOWN = 100;

/** Whom a merchant is told through. */
export function MerchantMembers({ merchantId }: { readonly merchantId: string }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useMay('merchants', 'manage');
  const [open, setOpen] = useState<Open>();
  const members = useQuery({
    queryKey: ['merchant-members', merchantId],
    queryFn: ({ signal }) => answerOf(membersList({ path: { id: merchantId }, query: { limit: SHOWN }, signal })),
  });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['merchant-members', merchantId] });
  const close = (): void => setOpen(undefined);
  const columns = useMemberColumns(mayManage, setOpen);
  return (
    <Section
      title={t.members.title}
      actions={
        <>
          {mayManage ? <Button onClick={() => setOpen({ what: 'add' })}>{t.members.add}</Button> : null}
          <ExportCsv
            name="members"
            ask={(cursor) => membersList({ path: { id: merchantId }, query: csvAfter(cursor), parseAs: 'text' })}
          />
        </>
      }
    >
      <Text size="sm">{t.members.intro}</Text>
      <Async query={members}>
        {({ data }) => (
          <DataTable
            label={t.members.title}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.members.empty, hint: t.members.emptyHint }}
          />
        )}
      </Async>
      {open?.what === 'add' ? <MemberForm merchantId={merchantId} onClose={close} onDone={refresh} /> : null}
      {open?.what === 'change' ? (
        <MemberForm merchantId={merchantId} member={open.member} onClose={close} onDone={refresh} />
      ) : null}
      {open?.what === 'remove' ? <Remove member={open.member} onClose={close} onRemoved={refresh} /> : null}
    </Section>
  );
}

function useMemberColumns(mayManage: boolean, onOpen: (open: Open) => void): readonly Column<MerchantMember>[] {
  const t = useWords();
  return useMemo(() => {
    const columns: readonly Column<MerchantMember>[] = [
      {
        id: 'who',
        header: t.members.who,
        cell: (member) => (
          <Stack gap={2}>
            <Text size="sm">{member.name ?? t.common.none}</Text>
            <Id>{member.id}</Id>
          </Stack>
        ),
      },
      {
        id: 'address',
        header: t.members.address,
        cell: (member) => (
          <Stack gap={2}>
            <Text size="sm" className="wraps">
              {member.email}
            </Text>
            {member.phone === null ? null : <Text size="xs">{member.phone}</Text>}
          </Stack>
        ),
      },
      {
        id: 'subjects',
        header: t.members.subjects,
        cell: (member) => member.subjects.map((subject) => t.members.subjectNames[subject]).join(', '),
      },
      { id: 'language', header: t.members.language, cell: (member) => LANGUAGES[member.language] },
    ];
    if (!mayManage) return columns;
    const actions: Column<MerchantMember> = {
      id: 'actions',
      header: t.common.actions,
      cell: (member) => (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => onOpen({ what: 'change', member })}>
            {t.members.change}
          </Button>
          <Button size="xs" variant="default" onClick={() => onOpen({ what: 'remove', member })}>
            {t.members.remove}
          </Button>
        </Group>
      ),
    };
    return [...columns, actions];
  }, [t, mayManage, onOpen]);
}

interface RemoveProps {
  readonly member: MerchantMember;
  readonly onClose: () => void;
  readonly onRemoved: () => Promise<void>;
}

function Remove({ member, onClose, onRemoved }: RemoveProps) {
  const t = useWords();
  const remove = async (): Promise<void> => {
    await membersRemove({ path: { id: member.merchant_id, member: member.id } });
    await onRemoved();
    announce(t.members.wasRemoved);
  };
  return (
    <ConfirmDialog
      opened
      title={t.members.removeTitle({ email: member.email })}
      action={t.members.remove}
      isDangerous
      onClose={onClose}
      onConfirm={remove}
    >
      {t.members.removeIntro}
    </ConfirmDialog>
  );
}
