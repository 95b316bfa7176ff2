import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { fieldErrorOf } from '../api/problem.js';
import { isTheSame, NewPassword } from '../blocks/new-password.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { teamAccept } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { DOORS } from '../screens.js';
import { Door } from '../shell/door.js';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** For who holds the link. The token stands after the #, which browsers send to nobody. */
export function AcceptInvitation() {
  const t = useWords();
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState({ first: '', second: '' });
  const navigate = useNavigate();
  const accepted = useMutation({
    mutationFn: () => teamAccept({ body: { token, password: password.first } }),
    onSuccess: () => navigate({ to: DOORS.signIn.path, search: { why: 'accepted' }, replace: true }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isTheSame(password)) accepted.mutate();
  };
  if (!TOKEN.test(token))
    return (
      <Door title={t.screens.invitation}>
        <Alert color="red" role="alert">
          {t.invitation.broken}
        </Alert>
      </Door>
    );
  return (
    <Door title={t.screens.invitation}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t.invitation.intro}</Text>
          <NewPassword
            label={t.invitation.password}
            value={password}
            onChange={setPassword}
            error={fieldErrorOf(accepted.error, '/password')}
          />
          <ProblemAlert error={accepted.error} />
          <Button type="submit" loading={accepted.isPending}>
            {t.invitation.submit}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
