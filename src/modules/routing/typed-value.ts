/** Keeps what a customer typed out of what is kept: gateways' words may repeat it. */
import { entryWanted, toEnter } from './gateways/customer-entries.js';
import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import type { CustomerAction } from './gateways/gateway-parts.js';

/** Stands for a code that had the typed value in it. */
const WITHHELD = 'withheld';

/** Codes are written with other separators than the texts that they are made of. */
const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

function repeats(text: string, action: CustomerAction): boolean {
  const value = bare(action.value);
  return text.includes(action.value) || (value !== '' && bare(text).includes(value));
}

/**
 * The outcome without what the customer typed. Ids are dropped only if they are it: a short PIN is found in every other number by chance.
 * An action other than an entry is kept, since nobody is sent to an address or an account made of what they typed.
 */
export function withoutTyped(outcome: GatewayOutcome, action: CustomerAction): GatewayOutcome {
  const code = repeats(outcome.code, action) ? WITHHELD : outcome.code;
  if (outcome.kind === 'succeeded' || outcome.kind === 'declined')
    return { ...outcome, code, handles: otherThan(outcome.handles, action) };
  if (outcome.kind !== 'pending') return { ...outcome, code };
  const { nextAction } = outcome;
  const asks = nextAction !== null && 'message' in nextAction && repeats(nextAction.message, action);
  return {
    ...outcome,
    code,
    handles: otherThan(outcome.handles, action),
    nextAction: asks ? toEnter(entryWanted(nextAction) ?? action.type) : nextAction,
  };
}

function otherThan(handles: Readonly<Record<string, string>>, { value }: CustomerAction): Record<string, string> {
  return Object.fromEntries(Object.entries(handles).filter(([, handle]) => handle !== value));
}
