import { Button, NumberInput, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { Facts } from '../blocks/facts.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { merchantLimitsLift, merchantLimitsRead, merchantLimitsSet, type MerchantLimits } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

const NAMES = ['rate_per_second', 'burst', 'max_in_flight'] as const;
type Name = (typeof NAMES)[number];

const hasOwn = (limits: MerchantLimits): boolean => NAMES.some((name) => limits[name] !== null);

/** What a merchant may send, in each mode and process: its own where something was set, and what all may otherwise. */
export function MerchantLimitsSection({ merchantId }: { readonly merchantId: string }) {
  const t = useWords();
  const language = useLanguage();
  const queries = useQueryClient();
  const mayAuthorise = useMay('merchants', 'authorise');
  const [open, setOpen] = useState<'set' | 'lift'>();
  const limits = useQuery({
    queryKey: ['merchant-limits', merchantId],
    queryFn: ({ signal }) => answerOf(merchantLimitsRead({ path: { id: merchantId }, signal })),
  });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['merchant-limits', merchantId] });
  const close = (): void => setOpen(undefined);
  const shown = (found: MerchantLimits, name: Name): string => {
    const own = found[name];
    const value = formatNumber(language, own ?? found.defaults[name]);
    return own === null ? t.limits.default({ value }) : value;
  };
  return (
    <Section
      title={t.limits.title}
      actions={
        limits.data !== undefined && mayAuthorise ? (
          <>
            <Button onClick={() => setOpen('set')}>{t.limits.set}</Button>
            {hasOwn(limits.data) ? (
              <Button variant="default" onClick={() => setOpen('lift')}>
                {t.limits.lift}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      <Async query={limits}>
        {(found) => (
          <>
            <Text size="sm">{t.limits.intro}</Text>
            <Facts
              facts={[
                ...NAMES.map((name) => [t.limits[name], shown(found, name)] as const),
                [t.limits.changed, <Time key="changed" at={found.updated_at} otherwise={t.common.never} />],
              ]}
            />
            {open === 'set' ? <SetLimits limits={found} onClose={close} onDone={refresh} /> : null}
            {open === 'lift' ? <LiftLimits limits={found} onClose={close} onDone={refresh} /> : null}
          </>
        )}
      </Async>
    </Section>
  );
}

interface ChangeProps {
  readonly limits: MerchantLimits;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

function SetLimits({ limits, onClose, onDone }: ChangeProps) {
  const t = useWords();
  const language = useLanguage();
  const [typed, setTyped] = useState<Readonly<Record<Name, number | null>>>(limits);
  const set = async (): Promise<void> => {
    const { rate_per_second, burst, max_in_flight } = typed;
    const body = {
      ...(rate_per_second === null ? {} : { rate_per_second }),
      ...(burst === null ? {} : { burst }),
      ...(max_in_flight === null ? {} : { max_in_flight }),
    };
    await answerOf(merchantLimitsSet({ path: { id: limits.merchant_id }, body }));
    await onDone();
    announce(t.limits.wasSet);
  };
  return (
    <FormDialog title={t.limits.setTitle} action={t.common.save} onClose={onClose} onSubmit={set}>
      {(error) => (
        <>
          <Text size="sm">{t.limits.setIntro}</Text>
          {NAMES.map((name, index) => (
            <NumberInput
              key={name}
              {...(index === 0 ? { 'data-autofocus': true } : {})}
              label={t.limits[name]}
              description={t.limits.default({ value: formatNumber(language, limits.defaults[name]) })}
              min={1}
              allowDecimal={false}
              allowNegative={false}
              hideControls
              value={typed[name] ?? ''}
              error={fieldErrorOf(error, `/${name}`)}
              onChange={(value) => setTyped({ ...typed, [name]: value === '' ? null : Number(value) })}
            />
          ))}
        </>
      )}
    </FormDialog>
  );
}

function LiftLimits({ limits, onClose, onDone }: ChangeProps) {
  const t = useWords();
  const lift = async (): Promise<void> => {
    await answerOf(merchantLimitsLift({ path: { id: limits.merchant_id } }));
    await onDone();
    announce(t.limits.wasLifted);
  };
  return (
    <ConfirmDialog opened title={t.limits.liftTitle} action={t.limits.lift} onClose={onClose} onConfirm={lift}>
      {t.limits.liftIntro}
    </ConfirmDialog>
  );
}
