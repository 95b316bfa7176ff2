import { useMemo } from 'react';
import { ListFilters, type FilterField } from '../blocks/list-filters.js';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';

/** As the API names them. */
export const AUDIT_FILTERS = ['actor', 'type', 'route', 'request_id', 'from', 'to'] as const;
type Filter = (typeof AUDIT_FILTERS)[number];

/** Longer than any route, and than any type. */
const MAX_ROUTE = 200;

export function AuditFilters({ filters }: { readonly filters: ReturnType<typeof useFilters<Filter>> }) {
  const { audit } = useWords();
  const fields = useMemo<readonly FilterField<Filter>[]>(
    () => [
      { name: 'actor', label: audit.actor, as: 'text', placeholder: 'adm_…' },
      {
        name: 'type',
        label: audit.type,
        as: 'text',
        placeholder: 'auth.api_key_created.v1',
        maxLength: MAX_ROUTE,
      },
      {
        name: 'route',
        label: audit.route,
        as: 'text',
        placeholder: '/admin/v1/api_keys/:id',
        maxLength: MAX_ROUTE,
      },
      { name: 'request_id', label: audit.requestId, as: 'text', placeholder: 'req_…' },
      { name: 'from', label: audit.from, as: 'moment' },
      { name: 'to', label: audit.to, as: 'moment' },
    ],
    [audit],
  );
  return <ListFilters filters={filters} fields={fields} />;
}
