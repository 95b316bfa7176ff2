import { List, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../../blocks/amount.js';
import { Async } from '../../blocks/async.js';
import { DataTable, type Column } from '../../blocks/data-table.js';
import { IdLink } from '../../blocks/id-link.js';
import { Time } from '../../blocks/time.js';
import { useWords } from '../../i18n/i18n.js';
import { wordOf } from '../../i18n/word-of.js';
import { useBookings, type BookedSettlement, type Booking, type LifeOf } from './life-of.js';

/** What the books say of it: each transfer with both of its accounts, and when what was captured can be used. */
export function Booked({ of }: { readonly of: LifeOf }) {
  const t = useWords();
  const columns = useBookingColumns();
  const bookings = useBookings(of);
  if (of.attempts.length === 0 && bookings.data === undefined) return <Text size="sm">{t.life.notBooked}</Text>;
  return (
    <Async query={bookings}>
      {({ data, settlements }) => (
        <Stack gap="sm">
          <DataTable
            label={t.life.booked}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.life.notBooked, hint: t.life.notBookedHint }}
          />
          {settlements.length === 0 ? null : (
            <List size="sm">
              {settlements.map((each) => (
                <List.Item key={`${each.transfer} ${each.kind}`}>
                  <Settlement settlement={each} />
                </List.Item>
              ))}
            </List>
          )}
        </Stack>
      )}
    </Async>
  );
}

function useBookingColumns(): readonly Column<Booking>[] {
  const t = useWords();
  return useMemo(
    () => [
      { id: 'at', header: t.life.bookedAt, cell: (booking) => <Time at={booking.booked_at} /> },
      { id: 'kind', header: t.life.what, cell: ({ kind }) => wordOf(t.life.transferKinds, kind) },
      { id: 'debit', header: t.life.debit, cell: ({ debit }) => <AccountSide side={debit} /> },
      { id: 'credit', header: t.life.credit, cell: ({ credit }) => <AccountSide side={credit} /> },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      { id: 'id', header: t.life.transfer, cell: ({ id }) => <IdLink>{id}</IdLink> },
    ],
    [t],
  );
}

function AccountSide({ side: { id, kind } }: { readonly side: Booking['debit'] }) {
  const t = useWords();
  return (
    <Stack gap={2}>
      <Text size="sm">{wordOf(t.life.accountKinds, kind)}</Text>
      <Text size="xs" component="div">
        <IdLink>{id}</IdLink>
      </Text>
    </Stack>
  );
}

function Settlement({ settlement }: { readonly settlement: BookedSettlement }) {
  const t = useWords();
  const { kind, amount, given_back: givenBack, currency, due_at: dueAt, released } = settlement;
  return (
    <>
      {kind === 'reserve' ? t.life.reserve : t.life.settlement}: <Amount minor={amount} currency={currency} />
      {givenBack > 0 ? (
        <>
          {', '}
          {t.life.givenBack} <Amount minor={givenBack} currency={currency} />
        </>
      ) : null}
      {', '}
      {released ? t.life.released : dueAt === null ? t.life.whenProved : t.life.due}{' '}
      {dueAt === null ? null : <Time at={dueAt} />}
    </>
  );
}
