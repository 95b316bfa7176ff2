/** What using a gateway costs besides its fee: how long its answers take, and how often they do not come. */
import { segmentKey, type Segment } from './segment.js';

interface Average {
  seconds: number;
  unknownShare: number;
  /** How many calls it stands for. */
  weight: number;
}

/** The last hundred or so calls count. */
const MAX_WEIGHT = 100;
/** As if this many calls had been seen of a gateway like any other: two seconds, one unknown in a hundred. */
const PRIOR: Readonly<Average> = { weight: 20, seconds: 2, unknownShare: 0.01 };

export class CallCosts {
  private readonly averages = new Map<string, Average>();

  observe(segment: Segment, seconds: number, wasUnknown: boolean): void {
    const key = segmentKey(segment);
    const average = this.averages.get(key) ?? { ...PRIOR };
    average.weight = Math.min(MAX_WEIGHT, average.weight + 1);
    average.seconds += (seconds - average.seconds) / average.weight;
    average.unknownShare += ((wasUnknown ? 1 : 0) - average.unknownShare) / average.weight;
    this.averages.set(key, average);
  }

  remember(segment: Segment, average: Readonly<Average>): void {
    this.averages.set(segmentKey(segment), { ...average });
  }

  of(segment: Segment): Readonly<Average> {
    return this.averages.get(segmentKey(segment)) ?? PRIOR;
  }
}
