import { SimpleGrid, TextInput } from '@mantine/core';
import { FilterButtons } from '../blocks/filter-buttons.js';
import { useState, type FormEvent } from 'react';
import { localOf, momentOf } from '../blocks/local-moment.js';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';

/** As the API names them. */
export const AUDIT_FILTERS = ['actor', 'type', 'route', 'request_id', 'from', 'to'] as const;
type Filter = (typeof AUDIT_FILTERS)[number];

/** Typed first, then asked for: each letter would be another search. */
export function AuditFilters({ filters }: { readonly filters: ReturnType<typeof useFilters<Filter>> }) {
  const t = useWords();
  const { values, isFiltered, set, clear } = filters;
  const [typed, setTyped] = useState({
    actor: values.actor ?? '',
    type: values.type ?? '',
    route: values.route ?? '',
    request_id: values.request_id ?? '',
    from: localOf(values.from),
    to: localOf(values.to),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set({ ...typed, from: momentOf(typed.from), to: momentOf(typed.to) });
  };
  const fields = [
    ['actor', t.audit.actor, 'text', 'adm_…'],
    ['type', t.audit.type, 'text', 'auth.api_key_created.v1'],
    ['route', t.audit.route, 'text', '/admin/v1/api_keys/:id'],
    ['request_id', t.audit.requestId, 'text', 'req_…'],
    ['from', t.audit.from, 'datetime-local', undefined],
    ['to', t.audit.to, 'datetime-local', undefined],
  ] as const;
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {fields.map(([name, label, type, placeholder]) => (
          <TextInput
            key={name}
            label={label}
            type={type}
            placeholder={placeholder}
            value={typed[name]}
            onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <FilterButtons isFiltered={isFiltered} clear={clear} />
    </form>
  );
}
