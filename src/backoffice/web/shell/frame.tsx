import { AppShell, Burger, Button, Group, Kbd, ScrollArea, Text } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { ownSession } from '../api/client.js';
import { useSession } from '../api/session.js';
import { Announcements } from '../blocks/announcements.js';
import { LinkNav } from '../blocks/link.js';
import { useWords } from '../i18n/i18n.js';
import type { Screen } from '../screens.js';
import { ModeSwitch } from './mode-switch.js';
import { useLive } from './live.js';
import { offeredScreens } from './offered.js';
import { Palette } from './palette.js';
import { PersonMenu } from './person-menu.js';
import { StepUpDialog } from './step-up-dialog.js';
import { Waiting } from './waiting.js';

const GROUPS = ['operations', 'reconciliation', 'people', 'self'] as const satisfies readonly NonNullable<
  Screen['group']
>[];

/** Nothing of a session is shown once it is over, on the way to the sign-in too. */
export function Frame() {
  const session = useSyncExternalStore(ownSession.subscribe, ownSession.read);
  return session === undefined ? null : <Surroundings />;
}

/** What stands around every screen. */
function Surroundings() {
  const t = useWords();
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const { pathname } = useLocation();
  const main = useFocusOnArrival(pathname);
  useHotkeys([['mod+K', palette.open]], []);
  useLive();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 230, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap" justify="space-between">
          <a className="skip" href="#content">
            {t.app.skip}
          </a>
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isMenuOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={t.shell.menu} />
            <Text fw={700} visibleFrom="sm">
              {t.app.name}
            </Text>
            <ModeSwitch />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" size="xs" onClick={palette.open} rightSection={<Kbd size="xs">Ctrl K</Kbd>}>
              {t.shell.search}
            </Button>
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.shell.navigation}>
        <ScrollArea>
          <Navigation onGo={menu.close} />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" ref={main} tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      {isPaletteOpen ? <Palette onClose={palette.close} /> : null}
      <StepUpDialog />
      <Announcements />
    </AppShell>
  );
}

/** Who listens, or goes on with the keyboard, begins with the new screen and not with what led to it. */
function useFocusOnArrival(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current !== pathname) main.current?.focus();
    last.current = pathname;
  }, [pathname]);
  return main;
}

function Navigation({ onGo }: { readonly onGo: () => void }) {
  const t = useWords();
  const offered = offeredScreens(useSession());
  return GROUPS.map((group) => {
    const screens = offered.filter(({ screen }) => screen.group === group);
    if (screens.length === 0) return null;
    return (
      <div key={group}>
        <Text size="xs" c="dimmed" fw={600} px="xs" pt="sm" pb={4}>
          {t.groups[group]}
        </Text>
        {screens.map(({ name, screen }) => (
          <LinkNav
            key={name}
            to={screen.path}
            label={t.screens[name]}
            rightSection={name === 'approvals' ? <Waiting /> : undefined}
            onClick={onGo}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          />
        ))}
      </div>
    );
  });
}
