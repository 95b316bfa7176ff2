import { Checkbox, NativeSelect, SegmentedControl, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { merchantsCreateKey, merchantsRollKey, type ApiKey, type MerchantsCreateKeyData } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';

type Scope = NonNullable<MerchantsCreateKeyData['body']['scopes']>[number];

const SCOPES: readonly Scope[] = (['payments', 'refunds', 'payouts', 'ledger', 'webhooks'] as const).flatMap(
  (area) => [`${area}:read`, `${area}:write`] as const,
);

interface CreateApiKeyProps {
  readonly merchantId: string;
  readonly onClose: () => void;
  /** @param secret which is never shown again */
  readonly onMade: (secret: string) => Promise<void>;
}

export function CreateApiKey({ merchantId, onClose, onMade }: CreateApiKeyProps) {
  const t = useWords();
  const [mode, setMode] = useState<string>(useMode());
  const [name, setName] = useState('');
  const [isLimited, setLimited] = useState(false);
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const create = async (): Promise<void> => {
    const chosen = SCOPES.filter((scope) => scopes.includes(scope));
    const body = {
      livemode: mode === 'live',
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(isLimited ? { scopes: chosen } : {}),
    };
    const { secret } = await answerOf(merchantsCreateKey({ path: { id: merchantId }, body }));
    await onMade(secret);
  };
  return (
    <FormDialog title={t.keys.createTitle} action={t.keys.create} onClose={onClose} onSubmit={create}>
      {(error) => (
        <>
          <SegmentedControl
            aria-label={t.keys.mode}
            value={mode}
            onChange={setMode}
            data={[
              { value: 'test', label: t.mode.test },
              { value: 'live', label: t.mode.live },
            ]}
          />
          <Text size="sm">{mode === 'live' ? t.mode.isLive : t.mode.isTest}</Text>
          <TextInput
            data-autofocus
            label={t.keys.name}
            description={t.keys.nameHint}
            maxLength={200}
            value={name}
            error={fieldErrorOf(error, '/name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Switch
            label={t.keys.limited}
            checked={isLimited}
            onChange={(event) => setLimited(event.currentTarget.checked)}
          />
          {isLimited ? (
            <Checkbox.Group
              label={t.keys.scopes}
              value={[...scopes]}
              onChange={setScopes}
              error={scopes.length === 0 ? t.keys.pickScopes : undefined}
            >
              <SimpleGrid cols={2} pt="xs">
                {SCOPES.map((scope) => (
                  <Checkbox key={scope} value={scope} label={scope} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
          ) : null}
        </>
      )}
    </FormDialog>
  );
}

const OVERLAPS = ['0', '3600', '86400', '604800'] as const;

interface RollApiKeyProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
  readonly onMade: (secret: string) => Promise<void>;
}

export function RollApiKey({ apiKey, onClose, onMade }: RollApiKeyProps) {
  const t = useWords();
  const [overlap, setOverlap] = useState('86400');
  const roll = async (): Promise<void> => {
    const body = { overlap_seconds: Number(overlap) };
    const { secret } = await answerOf(merchantsRollKey({ path: { id: apiKey.id }, body }));
    await onMade(secret);
  };
  const name = apiKey.name ?? `…${apiKey.last4}`;
  return (
    <FormDialog title={t.keys.rollTitle({ name })} action={t.keys.roll} onClose={onClose} onSubmit={roll}>
      {() => (
        <Stack>
          <Text size="sm">{t.keys.rollIntro}</Text>
          <NativeSelect
            data-autofocus
            label={t.keys.overlap}
            value={overlap}
            onChange={(event) => setOverlap(event.currentTarget.value)}
            data={OVERLAPS.map((value) => ({ value, label: t.keys.overlaps[value] }))}
          />
        </Stack>
      )}
    </FormDialog>
  );
}
