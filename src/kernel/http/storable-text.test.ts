import { findUnstorable, isStorable, toStorable } from './storable-text.js';

describe('text that PostgreSQL cannot store', () => {
  it.each(['a\u0000b', '\u0000', 'a\uD800b', '\uDC00', '\uD83D'])('is told: %j', (text) => {
    expect(isStorable(text)).toBe(false);
  });

  it.each(['', 'Ama', 'Adjoa Ɔ', '😀', '\u0001', '\uFFFD'])('is not what this is: %j', (text) => {
    expect(isStorable(text)).toBe(true);
  });

  it('is replaced where it has to be kept', () => {
    expect(toStorable('a\u0000b\uD800c😀')).toBe('a\uFFFDb\uFFFDc😀');
  });

  it('is found wherever it is', () => {
    expect(findUnstorable({ a: 'x', b: { c: ['y', 'z\u0000'] } })).toBe('/b/c/1');
    expect(findUnstorable({ metadata: { 'a/b~': '\uD800' } })).toBe('/metadata/a~1b~0');
    expect(findUnstorable({ metadata: { 'n\u0000': 'x' } })).toBe('/metadata');
    expect(findUnstorable('\u0000')).toBe('');
    expect(findUnstorable({ a: 1, b: null, c: [true, 'fine'] })).toBeUndefined();
  });
});
