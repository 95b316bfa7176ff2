import { Textarea } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

/** @returns undefined where it is no JSON */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface JsonFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** An object, as text. */
export function JsonField({ label, description, value, onChange }: JsonFieldProps) {
  const t = useWords();
  return (
    <Textarea
      label={label}
      {...(description === undefined ? {} : { description })}
      required
      rows={14}
      spellCheck={false}
      classNames={{ input: 'json' }}
      value={value}
      error={isJsonObject(readJson(value)) ? undefined : t.rules.notJson}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
