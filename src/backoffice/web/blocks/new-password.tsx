import { PasswordField } from './password-field.js';
import { useWords } from '../i18n/i18n.js';

export interface TypedTwice {
  readonly first: string;
  readonly second: string;
}

interface NewPasswordProps {
  readonly label: string;
  readonly value: TypedTwice;
  readonly onChange: (value: TypedTwice) => void;
  readonly error?: string | undefined;
}

export const isTheSame = ({ first, second }: TypedTwice): boolean => first === second;

/** Typed twice, since nobody sees what they type. */
export function NewPassword({ label, value, onChange, error }: NewPasswordProps) {
  const t = useWords();
  return (
    <>
      <PasswordField
        label={label}
        description={t.invitation.rule}
        minLength={15}
        autoComplete="new-password"
        value={value.first}
        error={error}
        onChange={(event) => onChange({ ...value, first: event.currentTarget.value })}
      />
      <PasswordField
        label={t.invitation.repeat}
        autoComplete="new-password"
        value={value.second}
        error={value.second !== '' && !isTheSame(value) ? t.invitation.differ : undefined}
        onChange={(event) => onChange({ ...value, second: event.currentTarget.value })}
      />
    </>
  );
}
