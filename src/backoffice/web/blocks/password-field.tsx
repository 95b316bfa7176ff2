import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

/** Whoever types a long one wants to look at it: with the keyboard too. */
export function PasswordField(props: PasswordInputProps) {
  const t = useWords();
  return (
    <PasswordInput
      required
      visibilityToggleButtonProps={{ 'aria-label': t.common.showTyped, tabIndex: 0 }}
      {...props}
    />
  );
}
