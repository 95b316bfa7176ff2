import type { RefundQuery } from './gateway-parts.js';
import { findRefund, referenceNoted, type ListedRefund } from './refund-matching.js';

const REFUND = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const OTHER = '0193f5c2a1b27c3d8e4f5a6b7c8d9e10';
const CHARGE = '0193f5c2a1b27c3d8e4f5a6b7c8d0000';
const REQUESTED = new Date('2026-01-01T12:00:00Z');

const query = (knownIds: readonly string[] = []): RefundQuery => ({
  reference: REFUND,
  handles: {},
  charge: { reference: CHARGE, handles: {}, amountMinor: 1_000n },
  amountMinor: 500n,
  currency: 'NGN',
  requestedAt: REQUESTED,
  knownIds,
  timeoutMs: 1,
});

const listed = (id: string, over: Partial<ListedRefund> = {}): ListedRefund => ({
  id,
  amountMinor: 500n,
  notes: [],
  requestedAt: REQUESTED,
  ...over,
});

describe('a refund whose answer was lost', () => {
  it('is the one with its reference in a note, whatever else there is', () => {
    const ours = listed('2', { notes: [undefined, `for ${REFUND}.`] });
    expect(findRefund([listed('1'), ours, listed('3')], query())).toEqual({ kind: 'found', refund: ours });
  });

  it('is the only one of its amount that is not known, where notes are not given back', () => {
    const ours = listed('2');
    const others = [listed('1'), listed('3', { amountMinor: 499n })];
    expect(findRefund([...others, ours], query(['1']))).toEqual({ kind: 'found', refund: ours });
  });

  it('is not one that has another reference of ours', () => {
    expect(findRefund([listed('1', { notes: [OTHER] })], query())).toEqual({ kind: 'none' });
  });

  it("may have a note of the gateway's own, which names the charge", () => {
    const ours = listed('1', { notes: [`Refund for transaction ${CHARGE} by a@b.co`] });
    expect(findRefund([ours], query())).toEqual({ kind: 'found', refund: ours });
  });

  it.each([
    ['a minute before ours was asked for, since clocks differ', -60_000, 'found'],
    ['ten minutes before', -600_000, 'none'],
    ['an hour later', 3_600_000, 'found'],
  ])('was made %s', (_name, ms, kind) => {
    const one = listed('1', { requestedAt: new Date(REQUESTED.getTime() + ms) });
    expect(findRefund([one], query()).kind).toBe(kind);
  });

  it('is not looked away from when its amount or date cannot be read', () => {
    const unreadable = listed('1', { amountMinor: undefined, requestedAt: undefined });
    expect(findRefund([unreadable], query()).kind).toBe('found');
    expect(findRefund([unreadable, listed('2')], query()).kind).toBe('ambiguous');
  });

  it('is in doubt when two can be it', () => {
    expect(findRefund([listed('1'), listed('2')], query())).toEqual({ kind: 'ambiguous' });
    const twice = [listed('1', { notes: [REFUND] }), listed('2', { notes: [REFUND] })];
    expect(findRefund(twice, query())).toEqual({ kind: 'ambiguous' });
  });
});

describe('a reference in notes', () => {
  it.each([
    ['alone', [REFUND], REFUND],
    ['in words', [`ours: ${REFUND} (partial)`], REFUND],
    ["beside the charge's", [`${CHARGE} ${REFUND}`], REFUND],
    ["is not the charge's", [`Refund for ${CHARGE}`], undefined],
    ['is no part of something longer', [`${REFUND}a`, `x${REFUND}`], undefined],
    ['need not be there', [undefined, ''], undefined],
  ])('is found %s', (_name, notes, expected) => {
    expect(referenceNoted(notes, CHARGE)).toBe(expected);
  });
});
