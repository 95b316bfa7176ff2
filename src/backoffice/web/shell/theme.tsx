import { createTheme, MantineProvider, type CSSVariablesResolver } from '@mantine/core';
import { setNonce } from 'get-nonce';
import type { ReactNode } from 'react';

/** Dark enough for white text on it, and as text on white. */
const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  respectReducedMotion: true,
});

/** The kit's own greys are too faint to read in the sun. */
const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#495057',
    '--mantine-color-placeholder': '#5c636a',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-anchor': '#0b5e6d',
  },
  dark: {
    '--mantine-color-dimmed': '#c1c7cd',
    '--mantine-color-placeholder': '#b3b9bf',
    '--mantine-color-error': '#ffa8a8',
    '--mantine-color-anchor': '#66d9e8',
  },
});

/** The server gives each page its own, and lets no style in without it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// What keeps the page from scrolling behind a dialog writes a style as well, and asks there.
setNonce(nonce);

export function Themed({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readable}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  );
}
