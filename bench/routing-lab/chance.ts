/** Chance that is the same in every run: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed of its own for the n-th of something: neighbours have nothing to do with each other. */
export function seedOf(seed: number, n: number): number {
  return Math.imul(seed * 2_654_435_761 + n * 40_503 + 1, 0x9e3779b1);
}

/** The least and the most of what is drawn. */
export type Range = readonly [least: number, most: number];

export function between([least, most]: Range, random: () => number): number {
  return least + random() * (most - least);
}

/** Twice as long is as likely as half as long: how sizes and durations are spread that are known only by their order. */
export function betweenOrders([least, most]: Range, random: () => number): number {
  return least * (most / least) ** random();
}
