import { NativeSelect, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announceAsked } from '../blocks/announcements.js';
import { Facts } from '../blocks/facts.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Id } from '../blocks/id.js';
import { decideCaseDecide, type RoutingCase } from '../generated/index.js';
import { formatAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

/** As the API has them. */
const MAX_REFERENCE = 200;
const MAX_REMARK = 1_000;

interface DecideCaseProps {
  readonly of: RoutingCase;
  readonly onClose: () => void;
}

/** Nothing is chosen for whoever decides: the wrong word moves money. */
export function DecideCase({ of: row, onClose }: DecideCaseProps) {
  const t = useWords();
  const words = t.gateways.cases;
  const language = useLanguage();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState('');
  const [reference, setReference] = useState('');
  const [remark, setRemark] = useState('');
  const chosen = row.decidable_as.find((each) => each === outcome);
  const amount = formatAmount(language, row.amount, row.currency);
  const decide = async (): Promise<void> => {
    if (chosen === undefined) throw new Error(words.outcome);
    const body = { outcome: chosen, gateway_reference: reference.trim(), remark: remark.trim() };
    const asked = await answerOf(decideCaseDecide({ path: { id: row.id }, body }));
    announceAsked(t.common.asked, asked.id);
    await queries.invalidateQueries({ queryKey: ['approvals'] });
  };
  return (
    <FormDialog title={words.decideTitle} action={words.decide} size="lg" onClose={onClose} onSubmit={decide}>
      {(error) => (
        <>
          <Text size="sm">
            {words.decideIntro} {t.common.needsAnother}
          </Text>
          <Facts
            facts={[
              [t.gateways.gateway, `${row.gateway}/${row.gateway_account}`],
              [words.decideLook, <Id key="reference">{row.reference}</Id>],
              [t.payments.amount, amount],
            ]}
          />
          <NativeSelect
            data-autofocus
            label={words.outcome}
            description={
              chosen === undefined
                ? undefined
                : chosen === 'succeeded'
                  ? words.succeededMeans({ amount })
                  : words.failedMeans
            }
            required
            value={outcome}
            error={fieldErrorOf(error, '/outcome')}
            onChange={(event) => setOutcome(event.currentTarget.value)}
            data={[
              { value: '', label: t.common.none, disabled: true },
              ...row.decidable_as.map((value) => ({ value: value as string, label: words.outcomes[value] })),
            ]}
          />
          <TextInput
            label={words.gatewayReference}
            description={words.gatewayReferenceHint}
            required
            maxLength={MAX_REFERENCE}
            value={reference}
            error={fieldErrorOf(error, '/gateway_reference')}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <Textarea
            label={words.remark}
            description={words.remarkHint}
            required
            autosize
            minRows={2}
            maxLength={MAX_REMARK}
            value={remark}
            error={fieldErrorOf(error, '/remark')}
            onChange={(event) => setRemark(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
