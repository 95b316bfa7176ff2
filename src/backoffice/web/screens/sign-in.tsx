import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { answerOf, begin } from '../api/client.js';
import { isProblem } from '../api/problem.js';
import { FactorInput, factorBody, NO_FACTOR } from '../blocks/factor-input.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { useNext } from '../blocks/use-next.js';
import { sessionStart } from '../generated/index.js';
import { PasswordField } from '../blocks/password-field.js';
import { useWords } from '../i18n/i18n.js';
import { DOORS } from '../screens.js';
import { Door } from '../shell/door.js';

/** The password, and then, where there is one, the second factor. */
export function SignIn() {
  const t = useWords();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [factor, setFactor] = useState(NO_FACTOR);
  const [asksFactor, setAsksFactor] = useState(false);
  const goOn = useNext();
  const navigate = useNavigate();
  const started = useMutation({
    mutationFn: () => answerOf(sessionStart({ body: { email, password, ...(asksFactor ? factorBody(factor) : {}) } })),
    onSuccess: async (session) => {
      begin(session);
      if (session.proved_at === null) await navigate({ to: DOORS.secondFactor.path, search: keepNext });
      else goOn();
    },
    onError: (error) => {
      if (isProblem(error, 'auth.code_required')) setAsksFactor(true);
      setFactor({ ...factor, text: '' });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    started.mutate();
  };
  const startAgain = (): void => {
    started.reset();
    setAsksFactor(false);
    setPassword('');
  };
  return (
    <Door title={t.screens.signIn}>
      <Why />
      <form onSubmit={submit}>
        <Stack>
          {asksFactor ? (
            <FactorInput value={factor} onChange={setFactor} />
          ) : (
            <>
              <TextInput
                label={t.signIn.email}
                type="email"
                required
                autoFocus
                autoComplete="username"
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordField
                label={t.signIn.password}
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
            </>
          )}
          {isProblem(started.error, 'auth.code_required') ? null : <ProblemAlert error={started.error} />}
          <Button type="submit" loading={started.isPending}>
            {t.signIn.submit}
          </Button>
          {asksFactor ? (
            <Anchor component="button" type="button" size="sm" ta="start" onClick={startAgain}>
              {t.signIn.back}
            </Anchor>
          ) : null}
        </Stack>
      </form>
    </Door>
  );
}

const keepNext = ({ mode, next }: Readonly<Record<string, unknown>>) => ({ mode, next });

/** What brought one here. */
function Why() {
  const t = useWords();
  const { why }: { readonly why?: unknown } = useSearch({ strict: false });
  const texts: Readonly<Record<string, string>> = {
    over: t.signIn.over,
    left: t.signIn.signedOut,
    accepted: t.signIn.accepted,
  };
  const text = typeof why === 'string' && Object.hasOwn(texts, why) ? texts[why] : undefined;
  return text === undefined ? null : <Alert role="status">{text}</Alert>;
}
