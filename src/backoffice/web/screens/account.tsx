import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { reloadSession, useSession } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { Facts } from '../blocks/facts.js';
import { isTheSame, NewPassword } from '../blocks/new-password.js';
import { Page, Section } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { RecoveryCodes } from '../blocks/recovery-codes.js';
import { SessionsTable } from '../blocks/sessions-table.js';
import { sessionChangePassword, sessionList, sessionRenewRecoveryCodes } from '../generated/index.js';
import { PasswordField } from '../blocks/password-field.js';
import { useWords } from '../i18n/i18n.js';

/** What people do about themselves. */
export function Account() {
  const t = useWords();
  const { admin } = useSession();
  return (
    <Page title={t.screens.account}>
      <Facts
        facts={[
          [t.common.name, admin.name ?? t.common.none],
          [t.team.email, admin.email],
          [t.account.role, admin.role],
        ]}
      />
      <Password />
      <SecondFactor />
      <Sessions />
    </Page>
  );
}

function Password() {
  const t = useWords();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState({ first: '', second: '' });
  const changed = useMutation({
    mutationFn: () => sessionChangePassword({ body: { current_password: current, new_password: next.first } }),
    onSuccess: () => {
      setCurrent('');
      setNext({ first: '', second: '' });
      announce(t.account.changed);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isTheSame(next)) changed.mutate();
  };
  return (
    <Section title={t.account.passwordTitle}>
      <form onSubmit={submit}>
        <Stack maw={440}>
          <PasswordField
            label={t.account.current}
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <NewPassword
            label={t.account.next}
            value={next}
            onChange={setNext}
            error={fieldErrorOf(changed.error, '/new_password')}
          />
          <ProblemAlert error={changed.error} />
          <Group>
            <Button type="submit" loading={changed.isPending}>
              {t.account.change}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function SecondFactor() {
  const t = useWords();
  const { recovery_codes_left: left } = useSession();
  const renewed = useMutation({
    mutationFn: () => answerOf(sessionRenewRecoveryCodes()),
    onSuccess: () => reloadSession(),
  });
  return (
    <Section title={t.account.factorTitle}>
      <Stack gap="xs" maw={560}>
        <Text size="sm">{t.account.factorOn}</Text>
        <Text size="sm">{t.account.factorLost}</Text>
        <Text size="sm" fw={600}>
          {t.account.codesLeft({ count: left })} {t.account.renewHint}
        </Text>
        <ProblemAlert error={renewed.error} />
        <Group>
          <Button variant="default" loading={renewed.isPending} onClick={() => renewed.mutate()}>
            {t.account.renew}
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={renewed.data !== undefined}
        onClose={renewed.reset}
        title={t.secondFactor.codesTitle}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
      >
        <RecoveryCodes codes={renewed.data?.codes ?? []} onDone={renewed.reset} />
      </Modal>
    </Section>
  );
}

function Sessions() {
  const t = useWords();
  const { id } = useSession();
  const sessions = useQuery({
    queryKey: ['own-sessions'],
    queryFn: ({ signal }) => answerOf(sessionList({ signal })),
  });
  return (
    <Section title={t.account.sessionsTitle}>
      <Async query={sessions}>
        {({ data }) => <SessionsTable label={t.account.sessionsTitle} sessions={data} own={id} />}
      </Async>
    </Section>
  );
}
