/**
 * The order of the test files. Jest begins with what took longest the last time; where there was none, as on a fresh clone, it goes
 * by the files' sizes, and begins a short file that runs for minutes when all else is done and one core has nothing left to do.
 */
import TestSequencer from '@jest/test-sequencer';

/** They start whole installations, again and again, or go through all screens in one browser. */
const LONG = /[/\\]test[/\\](e2e|simulation|browser)[/\\]/;

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = (test) => test.duration === undefined && LONG.test(test.path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
