import { jest } from '@jest/globals';
import { HeldBack } from './held-back.js';

const FOR_MS = 40;

function recording() {
  const released: string[] = [];
  const heldBack = new HeldBack<string>({ forMs: FOR_MS, release: (item) => released.push(item) });
  return { heldBack, released };
}

// By a clock of its own: on a busy machine a sleep of 20 ms may take 60.
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('what is held back', () => {
  it('goes by itself after its time, each in its turn', () => {
    const { heldBack, released } = recording();
    heldBack.hold('a', 'first');
    jest.advanceTimersByTime(FOR_MS / 2);
    heldBack.hold('b', 'second');
    expect(released).toEqual([]);
    jest.advanceTimersByTime(FOR_MS / 2 + 10);
    expect(released).toEqual(['first']);
    jest.advanceTimersByTime(FOR_MS);
    expect(released).toEqual(['first', 'second']);
  });

  it('goes when it is called for, and then not again', () => {
    const { heldBack, released } = recording();
    heldBack.hold('a', 'first');
    heldBack.release('a');
    heldBack.release('a');
    heldBack.release('b');
    expect(released).toEqual(['first']);
    jest.advanceTimersByTime(FOR_MS + 10);
    expect(released).toEqual(['first']);
  });

  it('goes before what comes after it under the same key', () => {
    const { heldBack, released } = recording();
    heldBack.hold('a', 'first');
    heldBack.hold('a', 'second');
    expect(released).toEqual(['first']);
    heldBack.releaseAll();
    expect(released).toEqual(['first', 'second']);
  });
});
