import type { Blame } from '../../contracts/shared.js';

/** What refusals for lack of float are called: in words at most gateways, `4075` at Hubtel. */
const SHORT_OF_FLOAT = /insufficient|not_enough|^4075$/;

/** Whether a gateway refused because what we have there does not suffice: our own doing, and called so. */
export function isShortOfFloat({
  code,
  blame,
}: {
  readonly code: string | null;
  readonly blame: Blame | null;
}): boolean {
  return blame === 'merchant' && code !== null && SHORT_OF_FLOAT.test(code);
}
