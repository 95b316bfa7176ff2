/** What a router has to show, and whether ours did. */
import { percent } from './report.js';
import type { ResultRow, Results, ScenarioResult } from './results.js';

export interface Aim {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean;
}

/** Ours, and what it is measured against. */
export const OURS = 'sankofa';
const WINDOW = 'sliding_window';

/** Of the window's regret, where something is down. */
const REGRET_SHARE = 0.5;
/** Attempts of a segment until a total outage is noticed, the median. */
const ATTEMPTS_TO_DETECT = 5;
/** A gateway and week, where all is well and calls succeed 95 times in a hundred. */
const FALSE_TRIPS = 1;
/** Below the oracle's success when all is well, as a share. */
const LESS_SUCCESS = 0.005;
const WELL = ['well', 'even', 'low_well'];

/** Undefined where one of the two was not run, and where nothing can be lost. */
export function regretShare({ rows }: ScenarioResult): number | undefined {
  const [ours, window] = [rowOf(rows, OURS), rowOf(rows, WINDOW)];
  return ours === undefined || window === undefined || window.regret === 0 ? undefined : ours.regret / window.regret;
}

export function aimsOf({ scenarios, choice }: Results): readonly Aim[] {
  return [...scenarios.flatMap(ofScenario), ...ofChoice(choice)];
}

function ofScenario(scenario: ScenarioResult): readonly Aim[] {
  const { name, rows } = scenario;
  const ours = rowOf(rows, OURS);
  if (ours === undefined) return [];
  const aims: Aim[] = [];
  const add = (what: string, wanted: string, found: string, met: boolean): void => {
    aims.push({ what: `\`${name}\`: ${what}`, wanted, found, met });
  };
  const share = regretShare(scenario);
  if (share !== undefined && (!WELL.includes(name) || name === 'low_well'))
    add("regret against the window's", `at most ${REGRET_SHARE} x`, `${share.toFixed(3)} x`, share <= REGRET_SHARE);
  if (ours.attemptsToDetect !== null) {
    const { attemptsToDetect: found } = ours;
    add('attempts to detect', `at most ${ATTEMPTS_TO_DETECT}`, String(found), found <= ATTEMPTS_TO_DETECT);
  }
  if (name === 'even' || name === 'customers') {
    const { falseTripsPerGatewayWeek: found } = ours;
    add('false trips', `at most ${FALSE_TRIPS} a gateway and week`, found.toFixed(2), found <= FALSE_TRIPS);
  }
  const oracle = rowOf(rows, 'oracle');
  if (WELL.includes(name) && oracle !== undefined) {
    const less = oracle.successShare - ours.successShare;
    add("success below the oracle's", `at most ${percent(LESS_SUCCESS)}`, percent(less), less <= LESS_SUCCESS);
  }
  return aims;
}

/** Microseconds, at the median. */
const CHOICE_US = 50;

function ofChoice(choice: Results['choice']): readonly Aim[] {
  if (choice === null) return [];
  const { medianUs } = choice;
  const what = 'a choice among 10 gateways under 50 rules';
  const wanted = `at most ${CHOICE_US} microseconds`;
  return [{ what, wanted, found: medianUs.toFixed(1), met: medianUs <= CHOICE_US }];
}

function rowOf(rows: readonly ResultRow[], router: string): ResultRow | undefined {
  return rows.find((each) => each.router === router);
}
