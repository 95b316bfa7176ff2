/**
 * Page's test: whether what is observed has changed from succeeding with probability `before` to `after`. The score is the log of how much more likely
 * the latest observations are after a change than before it, and it never falls below zero, so that a long good past does not
 * have to be outweighed first (E. S. Page, Continuous inspection schemes, 1954).
 */
export class Cusum {
  private value = 0;

  get score(): number {
    return this.value;
  }

  /** @param weight from 0 to 1: an observation that counts half moves the score half as far */
  observe(worked: boolean, weight: number, before: number, after: number): void {
    const ratio = worked ? after / before : (1 - after) / (1 - before);
    this.value = Math.max(0, this.value + weight * Math.log(ratio));
  }

  reset(): void {
    this.value = 0;
  }

  /** Goes on where another one was. */
  restore(score: number): void {
    this.value = score;
  }
}
