/** What a run measures: figures with stable names, the ratio that gives each a meaning on any machine, and the aim. */
import { BenchError } from './bench-error.js';

export interface Figure {
  /** Stable: programs compare runs by it. `<bench>.<what>`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `value` divided by the value of what `ratioTo` names; null when that was not measured in this run. */
  readonly ratio: number | null;
  /** Another figure of the run, or what else it is compared with. */
  readonly ratioTo: string;
  readonly aim?: Aim;
  /** Everything else worth knowing: percentiles, errors, how it was measured. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the design asks for on a machine with two cores. Falling short is told, and is no error. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly bound: 'at_least' | 'at_most';
  readonly limit: number;
  /** Null when the ratio that it is about was not measured. */
  readonly met: boolean | null;
}

export interface NotMeasured {
  readonly name: string;
  readonly reason: string;
}

type AimFor = Pick<Aim, 'of' | 'bound' | 'limit'>;

interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratioTo: string;
  /** For a ratio to something that is no figure of its own. */
  readonly reference?: number;
  readonly aim?: AimFor;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Digits that a measurement on a shared machine can bear. */
const SIGNIFICANT_DIGITS = 4;

/** Collects what one run finds. */
export class Figures {
  readonly measured: Figure[] = [];
  readonly missing: NotMeasured[] = [];
  /** By bench: the share of the machine that others used just before, from 0 to 1. */
  readonly busyBefore: Record<string, number> = {};

  add(given: Measured): void {
    if (!Number.isFinite(given.value)) throw new BenchError(`${given.name} could not be measured: nothing was counted`);
    const reference = given.reference ?? this.measured.find((each) => each.name === given.ratioTo)?.value;
    const ratio = reference === undefined || reference === 0 ? null : round(given.value / reference);
    const value = round(given.value);
    this.measured.push({
      name: given.name,
      value,
      unit: given.unit,
      ratio,
      ratioTo: given.ratioTo,
      ...(given.aim === undefined ? {} : { aim: { ...given.aim, met: isMet(given.aim, value, ratio) } }),
      details: given.details ?? {},
    });
  }

  skip(name: string, reason: string): void {
    this.missing.push({ name, reason });
  }

  value(name: string): number | undefined {
    return this.measured.find((each) => each.name === name)?.value;
  }
}

function isMet(aim: AimFor, value: number, ratio: number | null): boolean | null {
  const judged = aim.of === 'value' ? value : ratio;
  if (judged === null) return null;
  return aim.bound === 'at_least' ? judged >= aim.limit : judged <= aim.limit;
}

export function round(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
