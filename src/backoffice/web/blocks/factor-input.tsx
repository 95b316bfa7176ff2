import { Anchor, Stack, TextInput } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

export interface ShownFactor {
  readonly kind: 'code' | 'recovery';
  readonly text: string;
}

export const NO_FACTOR: ShownFactor = { kind: 'code', text: '' };

/** As the API takes it. */
export function factorBody({
  kind,
  text,
}: ShownFactor): { readonly code: string } | { readonly recovery_code: string } {
  return kind === 'code' ? { code: text.replaceAll(/\s/g, '') } : { recovery_code: text.trim() };
}

interface FactorInputProps {
  readonly value: ShownFactor;
  readonly onChange: (value: ShownFactor) => void;
}

/** A code of the app, or a recovery code for who has lost it. */
export function FactorInput({ value, onChange }: FactorInputProps) {
  const t = useWords();
  const isCode = value.kind === 'code';
  return (
    <Stack gap="xs">
      <TextInput
        key={value.kind}
        data-autofocus
        required
        autoFocus
        label={isCode ? t.signIn.code : t.signIn.recoveryCode}
        description={isCode ? t.signIn.codeHint : undefined}
        inputMode={isCode ? 'numeric' : 'text'}
        autoComplete={isCode ? 'one-time-code' : 'off'}
        value={value.text}
        onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
      />
      <Anchor
        component="button"
        type="button"
        size="sm"
        ta="start"
        onClick={() => onChange({ kind: isCode ? 'recovery' : 'code', text: '' })}
      >
        {isCode ? t.signIn.useRecovery : t.signIn.useCode}
      </Anchor>
    </Stack>
  );
}
