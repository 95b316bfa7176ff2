import { Alert, Button, Group, List } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { answerOf, given } from '../api/client.js';
import { save } from '../api/csv.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { adminStatementProofRead, adminStatementProofVerdict } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

interface VerifyStatementProps {
  readonly id: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** All pages of a proof, one after the other: a proof has a hundred entries. */
async function verdictOf(id: string, period: { readonly from?: string; readonly to?: string }) {
  const faults: string[] = [];
  let entries = 0;
  let after: string | undefined;
  do {
    const query = { ...period, ...given({ starting_after: after }) };
    const verdict = await answerOf(adminStatementProofVerdict({ path: { id }, query }));
    faults.push(...verdict.faults);
    entries += verdict.entries;
    after = verdict.has_more ? (verdict.last_entry ?? undefined) : undefined;
  } while (after !== undefined);
  return { faults, entries };
}

/** Whether the statement is what was chained and signed; and the proof itself, to be checked where this server is not trusted. */
export function VerifyStatement({ id, from, to }: VerifyStatementProps) {
  const t = useWords();
  const language = useLanguage();
  const period = given({ from, to });
  const verified = useMutation({ mutationFn: () => verdictOf(id, period) });
  const downloaded = useMutation({
    mutationFn: async () => {
      const proof = await adminStatementProofRead({ path: { id }, query: period, parseAs: 'text' });
      save(new Blob([String(proof.data)], { type: 'application/json' }), `${id}.proof.json`);
    },
  });
  const faults = verified.data?.faults ?? [];
  return (
    <>
      <Group gap="xs">
        <Button variant="default" loading={verified.isPending} onClick={() => verified.mutate()}>
          {t.ledger.verify}
        </Button>
        <Button variant="default" loading={downloaded.isPending} onClick={() => downloaded.mutate()}>
          {t.ledger.downloadProof}
        </Button>
      </Group>
      <ProblemAlert error={verified.error ?? downloaded.error} />
      {verified.data === undefined ? null : (
        <Alert color={faults.length === 0 ? 'teal' : 'red'} role={faults.length === 0 ? 'status' : 'alert'}>
          {faults.length === 0 ? (
            t.ledger.proved({ count: formatNumber(language, verified.data.entries) })
          ) : (
            <>
              {t.ledger.notProved}
              <List size="sm">
                {faults.map((fault) => (
                  <List.Item key={fault}>{fault}</List.Item>
                ))}
              </List>
            </>
          )}
        </Alert>
      )}
    </>
  );
}
