import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../api/problem.js';

/** What is on the screen may be this old before it is asked for again when one comes back to it. */
const FRESH_MS = 10_000;
const MAX_RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // What was refused will be refused again; what says so may be tried once more.
      retry: (count, error) => count < MAX_RETRIES && error instanceof ApiProblem && error.problem.retryable,
    },
    mutations: { retry: false },
  },
});
