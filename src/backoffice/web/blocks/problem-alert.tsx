import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { ApiProblem, StepUpCancelled, Unreachable } from '../api/problem.js';
import { useWords } from '../i18n/i18n.js';

interface ProblemAlertProps {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}

/** What went wrong, with all that somebody who is asked about it needs to find it. Nothing, where the person only changed their mind. */
export function ProblemAlert({ error, retry }: ProblemAlertProps) {
  const t = useWords();
  if (error === null || error === undefined || error instanceof StepUpCancelled) return null;
  const again =
    retry === undefined ? null : (
      <Group>
        <Button size="xs" variant="default" onClick={retry}>
          {t.common.retry}
        </Button>
      </Group>
    );
  if (!(error instanceof ApiProblem)) {
    const isAway = error instanceof Unreachable;
    return (
      <Alert color="red" role="alert" title={isAway ? t.problem.unreachable : t.problem.unexpected}>
        <Stack gap="xs">
          <Text size="sm">
            {isAway ? t.problem.unreachableDetail : error instanceof Error ? error.message : t.problem.unexpected}
          </Text>
          {again}
        </Stack>
      </Alert>
    );
  }
  const { title, detail, code, request_id: requestId, errors } = error.problem;
  return (
    <Alert color="red" role="alert" title={title}>
      <Stack gap="xs">
        {detail === undefined ? null : <Text size="sm">{detail}</Text>}
        {errors === undefined ? null : (
          <List size="sm">
            {errors.map((each) => (
              <List.Item key={`${each.pointer} ${each.code}`}>
                <Code>{each.pointer}</Code> {each.detail ?? each.code}
              </List.Item>
            ))}
          </List>
        )}
        <Text size="xs" className="wraps">
          {t.common.code} <Code>{code}</Code> · {t.common.requestId} <Code>{requestId}</Code>
        </Text>
        {again}
      </Stack>
    </Alert>
  );
}
