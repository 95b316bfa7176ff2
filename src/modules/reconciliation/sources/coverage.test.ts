import fc from 'fast-check';
import { coversOf, daysOf, Extent, hullOf, overlap, partsOf, type Span } from './coverage.js';

const at = (text: string): Date => new Date(text);
const charge = (time: string) => ({ kind: 'charge', occurredAt: at(time) }) as const;
const span = (from: string, to: string): Span => ({ from: at(from), to: at(to) });

describe('what a file covers', () => {
  it('is from its first line to its last, in whatever order they stand', () => {
    const extent = new Extent();
    for (const time of ['2026-01-31T12:00:00.250Z', '2026-01-31T10:00:00.999Z', '2026-01-31T11:00:00Z'])
      extent.add(charge(time));
    expect(extent.span()).toEqual(span('2026-01-31T10:00:00Z', '2026-01-31T12:00:01Z'));
    expect(new Extent().span()).toBeUndefined();
  });

  it('is of the kinds that it has lines of, unless its mapping reads one kind alone', () => {
    const extent = new Extent();
    const mixed = { kind: { column: ['Type'], values: { in: 'charge', out: 'payout', fee: 'fee' } } } as const;
    expect(coversOf({ kind: { ...mixed.kind, column: ['Type'] } }, extent)).toEqual([]);
    extent.add(charge('2026-01-31T10:00:00Z'));
    extent.add({ kind: 'payout_return', occurredAt: at('2026-01-31T10:00:00Z') });
    extent.add({ kind: 'fee', occurredAt: at('2026-01-31T10:00:00Z') });
    expect(coversOf({ kind: { ...mixed.kind, column: ['Type'] } }, extent)).toEqual(['payment', 'payout']);
    expect(coversOf({ kind: { constant: 'charge' } }, new Extent())).toEqual(['payment']);
    expect(coversOf({ kind: { constant: 'settlement' } }, extent)).toEqual(['payment', 'payout']);
  });
});

const time = fc.integer({ min: 0, max: 400 * 86_400 }).map((seconds) => seconds * 1_000);
const spans = fc
  .tuple(time, fc.integer({ min: 1, max: 366 * 86_400 }))
  .map(([from, seconds]): Span => ({ from: new Date(from), to: new Date(from + seconds * 1_000) }));

describe('spans', () => {
  it('are cut into parts of a month at most, without a gap and without an overlap', () => {
    fc.assert(
      fc.property(spans, (whole) => {
        const parts = [...partsOf(whole)];
        expect(parts[0]?.from).toEqual(whole.from);
        expect(parts.at(-1)?.to).toEqual(whole.to);
        for (const [index, part] of parts.entries()) {
          expect(daysOf(part)).toBeGreaterThan(0);
          expect(daysOf(part)).toBeLessThanOrEqual(31);
          if (index > 0) expect(part.from).toEqual(parts[index - 1]?.to);
        }
      }),
    );
  });

  it('have a hull that holds both, and overlap when a moment is in both', () => {
    fc.assert(
      fc.property(spans, spans, (one, other) => {
        const hull = hullOf(one, other);
        for (const each of [one, other]) expect(hull.from <= each.from && hull.to >= each.to).toBe(true);
        expect(hull).toEqual(hullOf(other, one));
        const common =
          Math.min(one.to.getTime(), other.to.getTime()) - Math.max(one.from.getTime(), other.from.getTime());
        expect(overlap(one, other)).toBe(common > 0);
      }),
    );
    expect(hullOf(span('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'), undefined)).toEqual(
      span('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    );
  });
});
