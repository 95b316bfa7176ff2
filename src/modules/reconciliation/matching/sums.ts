/** Which of several amounts add up to another, where that proves anything. Pure. */

/** No more parts than this: nobody pays one amount in more, and combinations grow with every part. */
const MAX_PARTS = 6;
/** Of what is looked at, at most this share may be expected to add up by accident. */
const MAX_CHANCE = 1e-3;
/** Branches of the search: some milliseconds. What is not settled within them is not settled. */
const MAX_STEPS = 50_000;

export interface Part {
  readonly amount: bigint;
}

export interface Sum<P extends Part> {
  readonly parts: readonly P[];
  /** How many combinations were looked at. */
  readonly combinations: number;
  /** How many of them would add up by accident. */
  readonly chance: number;
}

/**
 * The parts that add up to `target`: two or more of them, when exactly one combination does, and chance would hardly have made it.
 * Amounts are taken to be spread over the multiples of their common divisor: where everything costs 10.00, sums prove nothing.
 */
export function onlySum<P extends Part>(target: bigint, candidates: readonly P[]): Sum<P> | undefined {
  const parts = candidates.filter(({ amount }) => amount > 0n && amount < target);
  if (parts.length < 2) return undefined;
  const grain = parts.reduce((divisor, { amount }) => gcd(divisor, amount), target);
  const possible = Number(target / grain);
  const { most, combinations } = depthOf(parts.length, possible);
  if (most < 2) return undefined;
  const found = search(
    target,
    parts.toSorted((a, b) => (a.amount > b.amount ? -1 : Number(a.amount < b.amount))),
    most,
  );
  return found === undefined ? undefined : { parts: found, combinations, chance: combinations / possible };
}

/** How many parts a combination may have, so that what is looked at stays below chance. */
function depthOf(parts: number, possible: number): { readonly most: number; readonly combinations: number } {
  let [combinations, ofThisSize, most] = [0, parts, 1];
  for (let size = 2; size <= Math.min(parts, MAX_PARTS); size += 1) {
    ofThisSize = (ofThisSize * (parts - size + 1)) / size;
    if ((combinations + ofThisSize) / possible > MAX_CHANCE) break;
    combinations += ofThisSize;
    most = size;
  }
  return { most, combinations };
}

/** @returns undefined when no combination fits, or more than one, or it would take too long to know */
function search<P extends Part>(target: bigint, parts: readonly P[], most: number): readonly P[] | undefined {
  // What all parts from here on come to: no need to go where that is too little.
  const rest = parts.map(() => 0n);
  for (let index = parts.length - 1; index >= 0; index -= 1)
    rest[index] = (parts[index]?.amount ?? 0n) + (rest[index + 1] ?? 0n);
  const solutions: P[][] = [];
  let steps = 0;
  const walk = (from: number, missing: bigint, chosen: readonly P[]): boolean => {
    steps += 1;
    if (steps > MAX_STEPS) return false;
    if (missing === 0n) {
      if (chosen.length >= 2) solutions.push([...chosen]);
      return solutions.length < 2;
    }
    if (chosen.length === most) return true;
    for (let index = from; index < parts.length && (rest[index] ?? 0n) >= missing; index += 1) {
      const part = parts[index];
      if (part === undefined || part.amount > missing) continue;
      if (!walk(index + 1, missing - part.amount, [...chosen, part])) return false;
    }
    return true;
  };
  const isComplete = walk(0, target, []);
  return isComplete && solutions.length === 1 ? solutions[0] : undefined;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
