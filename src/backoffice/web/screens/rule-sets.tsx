import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Button } from '@mantine/core';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { Async } from '../blocks/async.js';
import { State } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { rulesList, type RuleSetListed } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { EditRules } from './rule-set-form.js';

const FILTERS = [] as const;
/** What a first set begins with: all payments by the gateways' priority, as without rules. */
const BLANK = { rules: [], otherwise: { type: 'priority' } };

/** Versions of the rules, the newest first. */
export function RuleSets() {
  const t = useWords();
  const mayManage = useMay('routing', 'manage');
  const [isEditing, setEditing] = useState(false);
  const { after, pages } = useFilters(FILTERS);
  const sets = useQuery({
    queryKey: ['rule-sets', after],
    queryFn: ({ signal }) => answerOf(rulesList({ query: given({ starting_after: after }), signal })),
  });
  const columns = useMemo<readonly Column<RuleSetListed>[]>(
    () => [
      {
        id: 'version',
        header: t.rules.version,
        cell: ({ version }) => <LinkAnchor to={`/rules/${version}`}>{t.rules.versionOf({ version })}</LinkAnchor>,
      },
      { id: 'note', header: t.rules.note, cell: ({ note }) => note },
      {
        id: 'status',
        header: t.common.status,
        cell: ({ active }) => <State is={active ? 'good' : 'plain'}>{active ? t.rules.active : t.rules.stored}</State>,
      },
      { id: 'created', header: t.common.created, cell: (set) => <Time at={set.created_at} /> },
    ],
    [t],
  );
  return (
    <Page
      title={t.screens.ruleSets}
      actions={
        <>
          {mayManage ? <Button onClick={() => setEditing(true)}>{t.rules.create}</Button> : null}
          <ExportCsv name="rule_sets" ask={(cursor) => rulesList({ query: csvAfter(cursor), parseAs: 'text' })} />
        </>
      }
    >
      <Async query={sets}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.screens.ruleSets}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.rules.empty, hint: t.rules.emptyHint }}
            pages={pages(hasMore, data.at(-1)?.version.toString())}
          />
        )}
      </Async>
      {isEditing ? <EditRules content={BLANK} onClose={() => setEditing(false)} /> : null}
    </Page>
  );
}
