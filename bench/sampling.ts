/** Looks at something again and again while something else goes on. */

export interface Sampled<Result, Sample> {
  readonly result: Result;
  readonly samples: readonly Sample[];
}

/** @param look may fail now and then (the program is busy): that sample is left out */
export async function sampling<Result, Sample>(
  everyMs: number,
  look: () => Promise<Sample> | Sample,
  work: () => Promise<Result>,
): Promise<Sampled<Result, Sample>> {
  const samples: Sample[] = [];
  let looking = false;
  const sampler = setInterval(() => {
    // One that takes longer than the pause is not joined by a second.
    if (looking) return;
    looking = true;
    void Promise.resolve()
      .then(look)
      .then((sample) => samples.push(sample))
      .catch(() => undefined)
      .finally(() => (looking = false));
  }, everyMs);
  try {
    return { result: await work(), samples };
  } finally {
    clearInterval(sampler);
  }
}
