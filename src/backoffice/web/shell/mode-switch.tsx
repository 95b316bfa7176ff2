import { Menu, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { ModeBadge } from '../blocks/badges.js';
import { useWords } from '../i18n/i18n.js';
import { rememberMode, useMode } from './mode.js';

/** Always in sight: whether what one does moves real money. */
export function ModeSwitch() {
  const t = useWords();
  const mode = useMode();
  const navigate = useNavigate();
  const isLive = mode === 'live';
  const turn = (): void => {
    const next = isLive ? 'test' : 'live';
    rememberMode(next);
    void navigate({ to: '.', search: (old: object) => ({ ...old, mode: next }) });
  };
  return (
    <Menu>
      <Menu.Target>
        <UnstyledButton aria-label={isLive ? t.mode.isLive : t.mode.isTest} data-testid="mode">
          <ModeBadge livemode={isLive} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{isLive ? t.mode.isLive : t.mode.isTest}</Menu.Label>
        <Menu.Item onClick={turn}>{isLive ? t.mode.toTest : t.mode.toLive}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
