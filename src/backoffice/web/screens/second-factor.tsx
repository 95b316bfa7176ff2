import { Button, Code, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { answerOf } from '../api/client.js';
import { isProblem } from '../api/problem.js';
import { loadSession, reloadSession } from '../api/session.js';
import { Async } from '../blocks/async.js';
import { Copy } from '../blocks/copy.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { QrCode } from '../blocks/qr-code.js';
import { RecoveryCodes } from '../blocks/recovery-codes.js';
import { useNext } from '../blocks/use-next.js';
import { sessionBeginSecondFactor, sessionConfirmSecondFactor, type NewSecondFactor } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { DOORS } from '../screens.js';
import { Door } from '../shell/door.js';

/** Once, the first time that somebody signs in: until it is done their session allows nothing else. */
export function SecondFactorSetup() {
  const t = useWords();
  const goOn = useNext();
  const [codes, setCodes] = useState<readonly string[]>();
  const begun = useQuery({
    queryKey: ['second-factor'],
    queryFn: async () => {
      await loadSession();
      return answerOf(sessionBeginSecondFactor());
    },
    // Each time it is asked for there is another secret, and who has scanned the last one would be shut out.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const finish = async (): Promise<void> => {
    await reloadSession();
    goOn();
  };
  if (isProblem(begun.error) && begun.error.problem.status === 401) return <Navigate to={DOORS.signIn.path} />;
  if (isProblem(begun.error, 'auth.second_factor_set_up') && codes === undefined) return <Navigate to="/" />;
  if (codes !== undefined)
    return (
      <Door title={t.secondFactor.codesTitle}>
        <RecoveryCodes codes={codes} onDone={() => void finish()} />
      </Door>
    );
  return (
    <Door title={t.screens.secondFactor}>
      <Async query={begun}>{(factor) => <Confirm factor={factor} onCodes={setCodes} />}</Async>
    </Door>
  );
}

interface ConfirmProps {
  readonly factor: NewSecondFactor;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Confirm({ factor, onCodes }: ConfirmProps) {
  const t = useWords();
  const [code, setCode] = useState('');
  const confirmed = useMutation({
    mutationFn: () => answerOf(sessionConfirmSecondFactor({ body: { code: code.replaceAll(/\s/g, '') } })),
    onSuccess: (answer) => onCodes(answer.codes),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    confirmed.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t.secondFactor.intro}</Text>
        <QrCode text={factor.uri} label={t.secondFactor.qr} />
        <Text size="sm">{t.secondFactor.secret}</Text>
        <Code block className="secret" data-testid="totp-secret">
          {factor.secret}
        </Code>
        <Copy value={factor.secret} />
        <TextInput
          label={t.signIn.code}
          description={t.signIn.codeHint}
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <ProblemAlert error={confirmed.error} />
        <Button type="submit" loading={confirmed.isPending}>
          {t.secondFactor.confirm}
        </Button>
      </Stack>
    </form>
  );
}
