import { Alert, Button, List, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { answerOf } from '../api/client.js';
import { Copy } from '../blocks/copy.js';
import { Id } from '../blocks/id.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { auditVerify, type AuditVerdict } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

/** Computes every hash of the log again. */
export function VerifyAudit() {
  const t = useWords();
  const verified = useMutation({ mutationFn: () => answerOf(auditVerify({ body: {} })) });
  return (
    <>
      <Button variant="default" loading={verified.isPending} onClick={() => verified.mutate()}>
        {t.audit.verify}
      </Button>
      <Modal
        opened={verified.data !== undefined || verified.isError}
        onClose={verified.reset}
        title={t.audit.verify}
        closeButtonProps={{ 'aria-label': t.common.close }}
      >
        <ProblemAlert error={verified.error} retry={() => verified.mutate()} />
        {verified.data === undefined ? null : <Verdict verdict={verified.data} />}
      </Modal>
    </>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }) {
  const t = useWords();
  const language = useLanguage();
  return (
    <Stack>
      {verdict.holds ? (
        <Alert color="teal" role="status">
          {t.audit.holds({ count: formatNumber(language, verdict.entries) })}
        </Alert>
      ) : (
        <Alert color="red" role="alert" title={t.audit.broken}>
          <List size="sm">
            {verdict.problems.map(({ seq, problem }) => (
              <List.Item key={`${seq} ${problem}`}>
                {t.audit.entry({ seq })}: {t.audit.problems[problem]}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {verdict.head === null ? null : (
        <>
          <Text size="sm">{t.audit.keepHead}</Text>
          <Id>{verdict.head}</Id>
          <div>
            <Copy value={verdict.head} />
          </div>
        </>
      )}
    </Stack>
  );
}
