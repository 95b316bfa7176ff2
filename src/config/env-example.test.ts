import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseSettingOf, MODULE_NAMES, readEnv, SETTING_NAMES } from './env.js';

/** Without them a channel, or what goes through it, is off. */
const settingsWithoutDefault = [
  'SMTP_URL',
  'MAIL_FROM',
  'AFRICASTALKING_USERNAME',
  'AFRICASTALKING_API_KEY',
  'AFRICASTALKING_URL',
  'AFRICASTALKING_SENDER_ID',
  'ALERTS_EMAIL',
  'ALERTS_PHONE',
] as const;

const EXAMPLE = path.resolve(import.meta.dirname, '../../.env.example');

/** Lines are `NAME=value`, or `# NAME=value` where the setting is best left out. */
async function settingsOfExample(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(EXAMPLE, 'utf8');
  const lines = [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  return new Map(lines.map(([, name = '', value = '']) => [name, value]));
}

describe('.env.example', () => {
  it('names every setting there is, once, and no other', async () => {
    const text = await readFile(EXAMPLE, 'utf8');
    const names = [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
    expect(names.toSorted()).toEqual([...SETTING_NAMES].toSorted());
  });

  it('shows values that are accepted', async () => {
    const settings = Object.fromEntries(await settingsOfExample());
    expect(() => readEnv(settings)).not.toThrow();
  });

  it('shows the defaults, except where a default cannot be shown', async () => {
    const settings = await settingsOfExample();
    // Addresses of servers have no default, and some defaults follow other settings.
    const noDefault: readonly string[] = [
      'DATABASE_URL',
      ...MODULE_NAMES.map(databaseSettingOf),
      'REDIS_URL',
      'NODE_ENV',
      ...settingsWithoutDefault,
    ];
    const shown = Object.fromEntries([...settings].filter(([name]) => !noDefault.includes(name)));
    expect(readEnv(shown)).toEqual(readEnv({}));
  });
});
