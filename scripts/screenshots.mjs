/**
 * `npm run screenshots`: pictures of the main screens into docs/screenshots, of an installation that begins empty and of people who do not exist. Taken
 * in the browser of the tests, by the program that they use.
 */
import { nodeIsRecentEnough, nodeTooOld } from './launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain } = await import('./launcher/interruption.mjs');
  const { runTests } = await import('./launcher/run-tests.mjs');
  process.env['SANKOFA_SCREENSHOTS'] = 'docs/screenshots';
  await runMain(() => runTests(['test/browser/screenshots.test.ts', ...process.argv.slice(2)]));
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
