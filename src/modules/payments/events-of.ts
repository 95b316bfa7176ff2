import type { EventDefinition, PayloadOf, StoredEvent } from '../../kernel/outbox/event.js';

/** The events of one kind in a batch. */
export function only<D extends EventDefinition<string, never> | { readonly type: string }>(
  events: readonly StoredEvent[],
  definition: D,
): StoredEvent<PayloadOf<D>>[] {
  return events.filter((event) => event.type === definition.type) as StoredEvent<PayloadOf<D>>[];
}
