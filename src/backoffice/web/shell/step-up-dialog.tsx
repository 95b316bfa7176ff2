import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, useSyncExternalStore, type FormEvent } from 'react';
import { sessionProve } from '../generated/index.js';
import { answerOf, begin } from '../api/client.js';
import { stepUpQuestion } from '../api/step-up.js';
import { FactorInput, factorBody, NO_FACTOR } from '../blocks/factor-input.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { useWords } from '../i18n/i18n.js';

/** Asks for the second factor when a call needs it fresh; the call is done again then, and knows nothing of it. */
export function StepUpDialog() {
  const t = useWords();
  const question = useSyncExternalStore(stepUpQuestion.subscribe, stepUpQuestion.read);
  const [factor, setFactor] = useState(NO_FACTOR);
  const proved = useMutation({
    mutationFn: async () => begin(await answerOf(sessionProve({ body: factorBody(factor) }))),
    onSuccess: () => question?.done(),
    onSettled: () => setFactor({ ...factor, text: '' }),
  });
  const cancel = (): void => {
    proved.reset();
    setFactor(NO_FACTOR);
    question?.cancel();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // It stands within another dialog's form, as far as React is concerned.
    event.stopPropagation();
    proved.mutate();
  };
  return (
    <Modal
      opened={question !== undefined}
      onClose={cancel}
      title={t.stepUp.title}
      zIndex={300}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t.stepUp.intro}</Text>
          <FactorInput value={factor} onChange={setFactor} />
          <ProblemAlert error={proved.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={cancel}>
              {t.common.cancel}
            </Button>
            <Button type="submit" loading={proved.isPending}>
              {t.stepUp.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
