import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './shell/query-client.js';
import { loadScreenEarly, router } from './shell/router.js';
import { Themed } from './shell/theme.js';

loadScreenEarly();

/** Once there are words. */
export function render(): void {
  const root = document.getElementById('app');
  if (root === null) throw new Error('The page has no place for the app');
  createRoot(root).render(
    <StrictMode>
      <Themed>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Themed>
    </StrictMode>,
  );
}
