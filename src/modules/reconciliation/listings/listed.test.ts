/** What routing tells of gateways' books, as it is kept. */
import { MAX_LISTED, type ListedLine } from '../../../contracts/routing.events.js';
import { LineIds, stagedLine } from '../lines/line.js';
import { latest, lineOf, ordinalOf } from './listed.js';
import { settlementsFor, transactionsFor } from './listing.js';

const charge: ListedLine = {
  id: '4099260516',
  reference: '0192F8C4-a1b27c3d9e4f5a6b7c8d9e0f',
  kind: 'charge',
  status: 'succeeded',
  amount: 10_000,
  fee: 195,
  currency: 'GHS',
  occurred_at: '2026-11-26T12:00:00.000Z',
};

describe('a listed line', () => {
  it('becomes a line with the id, the reference, the amounts and the time that it has', () => {
    expect(lineOf(charge, 3)).toEqual({
      line: 3,
      id: '4099260516',
      reference: charge.reference,
      handles: {},
      kind: 'charge',
      status: 'succeeded',
      amountMinor: 10_000n,
      feeMinor: 195n,
      netMinor: 9_805n,
      currency: 'GHS',
      occurredAt: new Date('2026-11-26T12:00:00.000Z'),
      settlementId: null,
      description: null,
    });
  });

  it.each(['charge', 'refund', 'payout', 'payout_return'] as const)('of a %s keeps kind and status', (kind) => {
    for (const status of ['succeeded', 'failed', 'pending', 'reversed'] as const)
      expect(lineOf({ ...charge, kind, status }, 0)).toMatchObject({ kind, status });
  });

  it('whose fee is not told has no net either, nor has money that goes out', () => {
    expect(lineOf({ ...charge, fee: null }, 0)).toMatchObject({ feeMinor: null, netMinor: null });
    expect(lineOf({ ...charge, kind: 'payout' }, 0)).toMatchObject({ feeMinor: 195n, netMinor: null });
  });

  it('is the same line on whatever page it comes, and found by the reference as we write it', () => {
    const [first, again] = [0, ordinalOf(3, 7)].map((ordinal) => stagedLine(lineOf(charge, ordinal), new LineIds('a')));
    expect(first?.id).toBe(again?.id);
    expect(first?.content['key']).toBe('0192f8c4a1b27c3d9e4f5a6b7c8d9e0f');
    expect(stagedLine(lineOf({ ...charge, kind: 'refund' }, 0), new LineIds('a')).id).not.toBe(first?.id);
  });

  it('has a place of its own, whatever pages were heard before', () => {
    const places = [0, 1, 2].flatMap((page) =>
      Array.from({ length: MAX_LISTED }, (_, index) => ordinalOf(page, index)),
    );
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('settlements that were told more than once', () => {
  it('are what was told last, per account', () => {
    const told = (id: string, listingId: string, toldAt: string, net: number) => ({
      id,
      listingId,
      toldAt,
      status: 'pending' as const,
      currency: 'NGN',
      gross: 1,
      fees: 0,
      net,
      settled_at: null,
      bank_reference: null,
    });
    const all = [
      told('1', 'l2', '2026-11-27T02:00:00.000Z', 2),
      told('1', 'l1', '2026-11-26T02:00:00.000Z', 1),
      told('1', 'l3', '2026-11-25T02:00:00.000Z', 3),
    ];
    const accounts: Readonly<Record<string, string>> = { l1: 'a', l2: 'a', l3: 'b' };
    for (const order of [all, all.toReversed()])
      expect(latest(order, (id) => accounts[id]).map(({ net }) => net)).toEqual([2, 3]);
  });
});

describe('what is asked for', () => {
  const now = new Date('2026-11-27T02:00:00Z');
  const yesterday = { from: new Date('2026-11-26T00:00:00Z'), to: new Date('2026-11-27T00:00:00Z') };

  it('reaches beyond the window as far as matching looks, and never into the time to come', () => {
    const asked = transactionsFor(yesterday, now);
    expect(asked?.to).toEqual(now);
    expect(transactionsFor(yesterday, new Date('2026-11-28T02:00:00Z'))?.to.getTime()).toBeGreaterThanOrEqual(
      yesterday.to.getTime() + 4_200_000,
    );
    expect(asked?.from.getTime()).toBeLessThanOrEqual(yesterday.from.getTime() - 4_200_000);
  });

  it('are the settlements of two weeks before, and of two weeks after as far as they are over', () => {
    expect(settlementsFor(yesterday, now)).toEqual({ from: new Date('2026-11-13T00:00:00Z'), to: now });
    expect(settlementsFor(yesterday, new Date('2027-01-01T00:00:00Z'))?.to).toEqual(new Date('2026-12-11T00:00:00Z'));
  });
});
