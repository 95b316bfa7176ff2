import { Text } from '@mantine/core';
import { Navigate } from '@tanstack/react-router';
import { useSession } from '../api/session.js';
import { Page } from '../blocks/page.js';
import { useWords } from '../i18n/i18n.js';
import { offeredScreens } from './offered.js';

/** One begins with the first screen that one may see. */
export function Home() {
  const t = useWords();
  const [first] = offeredScreens(useSession());
  if (first === undefined || first.screen.area === undefined)
    return (
      <Page title={t.app.name}>
        <Text>{t.shell.nothingAllowed}</Text>
      </Page>
    );
  return <Navigate to={first.screen.path} replace />;
}
