import { Button, NumberInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Id } from '../blocks/id.js';
import { ListFilters } from '../blocks/list-filters.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { merchantsCreate, merchantsList, type Merchant } from '../generated/index.js';
import { formatBasisPoints } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

const FILTERS = ['name'] as const;
const MAX_NAME = 200;

export function Merchants() {
  const t = useWords();
  const language = useLanguage();
  const mayManage = useMay('merchants', 'manage');
  const [isCreating, setCreating] = useState(false);
  const filters = useFilters(FILTERS);
  const { values } = filters;
  const columns = useMemo<readonly Column<Merchant>[]>(
    () => [
      {
        id: 'name',
        header: t.common.name,
        cell: ({ id, name }) => <LinkAnchor to={`/merchants/${id}`}>{name}</LinkAnchor>,
      },
      { id: 'id', header: t.common.id, cell: ({ id }) => <Id>{id}</Id> },
      {
        id: 'fee',
        header: t.merchants.fee,
        align: 'right',
        cell: (merchant) => formatBasisPoints(language, merchant.platform_fee_bps),
      },
      { id: 'created', header: t.common.created, cell: (merchant) => <Time at={merchant.created_at} /> },
    ],
    [t, language],
  );
  return (
    <Page
      title={t.screens.merchants}
      actions={
        <>
          {mayManage ? <Button onClick={() => setCreating(true)}>{t.merchants.create}</Button> : null}
          <ExportCsv
            name="merchants"
            ask={(cursor) => merchantsList({ query: { ...values, ...csvAfter(cursor) }, parseAs: 'text' })}
          />
        </>
      }
    >
      <ListFilters
        filters={filters}
        fields={[{ name: 'name', label: t.merchants.nameBegins, as: 'text', maxLength: MAX_NAME, isFirst: true }]}
      />
      <ListedPage
        label={t.screens.merchants}
        filters={filters}
        columns={columns}
        queryKey={['merchants', values]}
        ask={(after, signal) => merchantsList({ query: { ...values, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.merchants.empty, hint: t.merchants.emptyHint }}
      />
      {isCreating ? <CreateMerchant onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

/** In basis points: all of the amount. */
const MAX_FEE = 10_000;

function CreateMerchant({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [fee, setFee] = useState<number | string>(0);
  const create = async (): Promise<void> => {
    const merchant = await answerOf(merchantsCreate({ body: { name, platform_fee_bps: Number(fee) } }));
    await queries.invalidateQueries({ queryKey: ['merchants'] });
    announce(t.merchants.created({ name: merchant.name }));
  };
  return (
    <FormDialog title={t.merchants.createTitle} action={t.merchants.create} onClose={onClose} onSubmit={create}>
      {(error) => (
        <>
          <TextInput
            data-autofocus
            label={t.common.name}
            required
            maxLength={200}
            value={name}
            error={fieldErrorOf(error, '/name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NumberInput
            label={t.merchants.feeBps}
            description={t.merchants.feeHint}
            required
            min={0}
            max={MAX_FEE}
            allowDecimal={false}
            hideControls
            value={fee}
            error={fieldErrorOf(error, '/platform_fee_bps')}
            onChange={setFee}
          />
        </>
      )}
    </FormDialog>
  );
}
