/** Seeds that once failed, with what they found: each stays as a test. */
export interface KnownSeed {
  readonly seed: number;
  /** Length of the load. */
  readonly seconds: number;
  readonly found: string;
}

export const KNOWN_SEEDS: readonly KnownSeed[] = [
  {
    seed: 4,
    seconds: 40,
    found:
      'a process whose clock was an hour ahead planned attempts and died: nobody took them up before that hour had passed',
  },
  {
    seed: 2,
    seconds: 40,
    found:
      'a process died after it had committed a new webhook endpoint, and the merchant made another one of the same address',
  },
  {
    seed: 47,
    seconds: 40,
    found:
      'a process whose clock was an hour ahead delayed jobs until then, and as long as they waited nobody looked for events',
  },
  {
    seed: 43,
    seconds: 40,
    found:
      'Redis went away at the moment when a starting process asked for its version: that process led the relay and its queues never took a job again',
  },
  {
    seed: 172,
    seconds: 40,
    found:
      'the oracle itself: a gateway made a refund after it had said that it failed, and another one, still under way, had its room',
  },
  {
    seed: 146,
    seconds: 40,
    found:
      "two gateways' settlements had the same number, and the bank's name of one was the number of the other with a word before it: neither was found",
  },
  {
    seed: 180,
    seconds: 40,
    found:
      'the oracle itself, as far as is known: something was booked between a safeguarding check and its look at the entries',
  },
];
