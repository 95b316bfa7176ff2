import type { z } from 'zod';
import type { mappingAnswer, mappingListedAnswer } from './mapping.answers.js';
import type { KnownMapping } from './mappings.js';

export function shownMapping({ id, gateway, mapping, own }: KnownMapping): z.infer<typeof mappingListedAnswer> {
  return {
    object: 'reconciliation_mapping',
    id,
    gateway,
    produces: mapping.produces,
    name: mapping.name,
    description: mapping.description,
    shipped: own === undefined,
    version: own?.version ?? null,
    created_at: own?.createdAt.toISOString() ?? null,
  };
}

/** With what it says: to be copied, changed, and saved as an own one. */
export function shownMappingInFull(known: KnownMapping): z.infer<typeof mappingAnswer> {
  return { ...shownMapping(known), mapping: { ...known.mapping, id: known.own?.name ?? known.id } };
}
