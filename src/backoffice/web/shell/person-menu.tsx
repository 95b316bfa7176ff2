import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { signOut, useSession } from '../api/session.js';
import { chooseLanguage, LANGUAGES, useLanguage, useWords, type Language } from '../i18n/i18n.js';
import { DOORS, SCREENS } from '../screens.js';
import { chooseLive, isLive } from './live.js';
import { queryClient } from './query-client.js';

const THEMES = ['auto', 'light', 'dark'] as const;

export function PersonMenu() {
  const t = useWords();
  const { admin } = useSession();
  const current = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isFollowed = useSyncExternalStore(isLive.subscribe, isLive.read);
  const navigate = useNavigate();
  const name = admin.name ?? admin.email;
  const leave = async (): Promise<void> => {
    await signOut();
    queryClient.clear();
    await navigate({ to: DOORS.signIn.path, search: { why: 'left' } });
  };
  return (
    <Menu width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={name} data-testid="person">
          <Avatar name={name} color="initials" size="sm" className="avatar" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: SCREENS.account.path })}>{t.screens.account}</Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.shell.theme}</Menu.Label>
        {THEMES.map((theme) => (
          <Menu.Item
            key={theme}
            onClick={() => setColorScheme(theme)}
            rightSection={colorScheme === theme ? '✓' : undefined}
            data-testid={`theme-${theme}`}
          >
            {t.shell.themes[theme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t.shell.language}</Menu.Label>
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            onClick={() => void chooseLanguage(language)}
            rightSection={current === language ? '✓' : undefined}
            data-testid={`language-${language}`}
          >
            {LANGUAGES[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.CheckboxItem checked={isFollowed} onChange={chooseLive}>
          {t.shell.live}
        </Menu.CheckboxItem>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>{t.shell.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
