/** What every gateway that lists has, as it is announced: read by its own adapter, from the sandbox's books. */
import { listingEnded, MAX_LISTED, settlementsListed, transactionsListed } from '../../../contracts/routing.events.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { startSandbox } from '../../../sandbox/sandbox.js';
import { subjects } from '../gateways/conformance/subjects.js';
import { must, newReference, startWorld } from '../gateways/conformance/world.js';
import type { GatewaySettlement, GatewayTransaction } from '../gateways/gateway-parts.js';
import { eventually } from '../gateways/testing/sandbox-control.js';
import { announcedEnd, announcedPages } from './announce.js';
import { LISTING_SCHEDULE, pauseAfterFailure, shortenedListing } from './listing.js';

const listing = {
  id: newUuid(),
  causedBy: newUuid(),
  headers: { correlation_id: 'rcr_test' },
  pages: 7,
  askedAt: new Date('2026-11-27T02:00:00Z'),
};

const line: GatewayTransaction = {
  kind: 'charge',
  id: '4099260516',
  reference: newReference(),
  status: 'succeeded',
  amountMinor: 10_000n,
  feeMinor: 195n,
  currency: 'GHS',
  occurredAt: new Date('2026-11-26T12:00:00Z'),
};

describe('a page of books', () => {
  const world = startWorld(startSandbox);

  for (const subject of subjects) {
    const { books: traits, gateway } = subject;
    if (traits === undefined) continue;
    it(`of ${gateway} is told line by line, as its adapter reads it, and without a person`, async () => {
      const { account, adapter, callbackUrl, moved } = world.at(subject);
      const { amountMinor, currency, method } = traits.charge;
      const reference = newReference();
      const customer = { email: 'ama@example.com', phone: '+233241234567', name: 'Ama Mensah' };
      await adapter().charge(account(), {
        reference,
        currency,
        amountMinor,
        method,
        customer,
        description: 'For Ama Mensah',
        returnUrl: null,
        callbackUrl: callbackUrl(),
        timeoutMs: 2_000,
      });
      await eventually(async () => ((await moved('charge', reference)).length > 0 ? true : undefined));
      const books = must(adapter().books);
      const query = {
        from: new Date(Date.now() - 60_000),
        to: new Date(Date.now() + 60_000),
        cursor: null,
        currency,
        timeoutMs: 2_000,
      };
      const page = await must(books.listTransactions?.(account(), query));
      if (page.kind === 'failed') throw new Error(page.code);
      const [event, ...more] = announcedPages(listing, { what: 'transactions', items: page.items });
      expect(more).toEqual([]);
      const told = transactionsListed.schema.parse(event?.payload);
      expect(told).toMatchObject({ listing_id: listing.id, page: 7, told_at: '2026-11-27T02:00:00.000Z' });
      expect(told.lines).toEqual([
        {
          id: page.items[0]?.id,
          reference,
          kind: 'charge',
          status: 'succeeded',
          amount: Number(amountMinor),
          fee: expect.any(Number) as number,
          currency,
          occurred_at: page.items[0]?.occurredAt.toISOString(),
        },
      ]);
      const text = JSON.stringify(event);
      for (const personal of ['ama@', 'Mensah', '24123', '77123']) expect(text).not.toContain(personal);
    });
  }

  it('is as many events as it needs, numbered on', () => {
    const items = Array.from({ length: 2 * MAX_LISTED + 1 }, () => line);
    const events = announcedPages(listing, { what: 'transactions', items });
    const pages = events.map(({ payload }) => transactionsListed.schema.parse(payload));
    expect(pages.map(({ page, lines }) => [page, lines.length])).toEqual([
      [7, MAX_LISTED],
      [8, MAX_LISTED],
      [9, 1],
    ]);
    expect(events.map(({ headers }) => headers)).toEqual(
      events.map(() => ({ correlation_id: 'rcr_test', causation_id: listing.causedBy })),
    );
    expect(announcedPages(listing, { what: 'transactions', items: [] })).toEqual([]);
  });

  it('cannot be told with an amount that JSON would change', () => {
    const items = [{ ...line, amountMinor: 2n ** 60n }];
    expect(() => announcedPages(listing, { what: 'transactions', items })).toThrow();
  });

  it('of settlements says what the bank calls them, and what is owed to the gateway as less than nothing', () => {
    const settlement: GatewaySettlement = {
      id: '3090024',
      status: 'settled',
      currency: 'NGN',
      grossMinor: 1_000n,
      feesMinor: 15n,
      netMinor: -500n,
      settledAt: line.occurredAt,
      bankReference: 'NIP-1',
    };
    const [event] = announcedPages(listing, { what: 'settlements', items: [settlement] });
    expect(settlementsListed.schema.parse(event?.payload).settlements).toEqual([
      {
        id: '3090024',
        status: 'settled',
        currency: 'NGN',
        gross: 1_000,
        fees: 15,
        net: -500,
        settled_at: '2026-11-26T12:00:00.000Z',
        bank_reference: 'NIP-1',
      },
    ]);
  });
});

describe('the end of a listing', () => {
  it('says as of when it is only where there is one', () => {
    const end = { code: null, pages: 9, covers: ['payment'] } as const;
    const complete = announcedEnd(listing, { ...end, outcome: 'complete' });
    expect(listingEnded.schema.parse(complete.payload)).toMatchObject({
      pages: 9,
      told_at: '2026-11-27T02:00:00.000Z',
    });
    expect(announcedEnd(listing, { ...end, outcome: 'failed' }).payload).toMatchObject({ told_at: null });
  });
});

describe('the pause after a call that failed', () => {
  it('doubles up to its longest, and is never shorter than the gateway wants', () => {
    const pauses = [0, 1, 2, 3, 20, 2_000].map((tries) => pauseAfterFailure(LISTING_SCHEDULE, tries, 0, 0));
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 300_000, 300_000]);
    expect(pauseAfterFailure(LISTING_SCHEDULE, 0, 0, 1)).toBe(4_000);
    expect(pauseAfterFailure(LISTING_SCHEDULE, 0, 90_000, 1)).toBe(90_000);
    expect(shortenedListing(LISTING_SCHEDULE, 0.1)).toMatchObject({ firstPauseMs: 500, patienceMs: 1_440_000 });
  });
});
