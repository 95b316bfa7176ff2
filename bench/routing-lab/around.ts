/** How payments went around the beginning of troubles: what a customer notices of them. */
import { MINUTE, type Trouble } from './scenario.js';

export const AROUND = { fromMinutes: -20, toMinutes: 100, stepMinutes: 4 } as const;
const BINS = (AROUND.toMinutes - AROUND.fromMinutes) / AROUND.stepMinutes;

export class AroundTroubles {
  /** Payments, by when they came: those that succeeded, and all that customers did not fail themselves. */
  readonly succeeded: number[] = Array.from({ length: BINS }, () => 0);
  readonly all: number[] = Array.from({ length: BINS }, () => 0);

  constructor(private readonly troubles: readonly Trouble[]) {}

  ended(arrivedMs: number, succeeded: boolean): void {
    for (const { fromMs } of this.troubles) {
      const bin = Math.floor((arrivedMs - fromMs - AROUND.fromMinutes * MINUTE) / (AROUND.stepMinutes * MINUTE));
      if (bin < 0 || bin >= BINS) continue;
      this.all[bin] = (this.all[bin] ?? 0) + 1;
      if (succeeded) this.succeeded[bin] = (this.succeeded[bin] ?? 0) + 1;
    }
  }
}
