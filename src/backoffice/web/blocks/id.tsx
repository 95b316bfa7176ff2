import { Code } from '@mantine/core';

/** Whole, so that it can be copied; where there is no room it breaks. */
export function Id({ children }: { readonly children: string }) {
  return <Code className="id">{children}</Code>;
}
