import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { mappingsList, type ReconciliationMappingListed } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['produces', 'gateway'] as const;
type Filter = (typeof FILTERS)[number];
type Mapping = ReconciliationMappingListed;

const KINDS = ['gateway_lines', 'bank_lines'] as const satisfies readonly Mapping['produces'][];

/** How exports are read: those that are shipped, and the house's own. All of them are asked for at once: there are a few dozen. */
export function Mappings() {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const { produces, gateway } = filters.values;
  const mappings = useQuery({
    queryKey: ['mappings'],
    queryFn: ({ signal }) => answerOf(mappingsList({ signal })),
  });
  const columns = useMappingColumns();
  const fields = useMemo<readonly FilterField<Filter>[]>(
    () => [
      {
        name: 'produces',
        label: t.books.mappings.produces,
        as: 'select',
        options: optionsOf(t.payments.any, KINDS, t.books.mappings.kinds),
      },
      { name: 'gateway', label: t.books.mappings.gateway, as: 'text', placeholder: 'paystack' },
    ],
    [t],
  );
  const fits = (mapping: Mapping): boolean =>
    (produces === undefined || mapping.produces === produces) && (gateway === undefined || mapping.gateway === gateway);
  return (
    <Page title={t.screens.mappings}>
      <ListFilters filters={filters} fields={fields} />
      <Async query={mappings}>
        {({ data }) => (
          <DataTable
            label={t.screens.mappings}
            columns={columns}
            rows={data.filter(fits)}
            rowKey={({ id }) => id}
            empty={
              filters.isFiltered
                ? { title: t.common.nothingMatches, hint: '' }
                : { title: t.books.mappings.empty, hint: t.books.mappings.emptyHint }
            }
          />
        )}
      </Async>
    </Page>
  );
}

/** Shipped with the program, or which version of an own one. */
export function Origin({ mapping: { version } }: { readonly mapping: Pick<Mapping, 'version'> }) {
  const t = useWords();
  return <span>{version === null ? t.books.mappings.shipped : t.books.mappings.own({ version })}</span>;
}

function useMappingColumns(): readonly Column<Mapping>[] {
  const t = useWords();
  return useMemo(() => {
    const { mappings } = t.books;
    return [
      {
        id: 'id',
        header: mappings.id,
        cell: ({ id, name }) => <LinkAnchor to={`/mappings/${encodeURIComponent(id)}`}>{`${name} · ${id}`}</LinkAnchor>,
      },
      { id: 'produces', header: mappings.produces, cell: ({ produces }) => mappings.kinds[produces] },
      { id: 'gateway', header: mappings.gateway, cell: ({ gateway }) => gateway ?? mappings.anyBank },
      { id: 'origin', header: mappings.origin, cell: (mapping) => <Origin mapping={mapping} /> },
      { id: 'created', header: t.common.created, cell: (mapping) => <Time at={mapping.created_at} /> },
    ];
  }, [t]);
}
