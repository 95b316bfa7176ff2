/**
 * `npm test`: the whole suite on a fresh clone, with nothing else running.
 *
 *   npm test                     everything
 *   npm test -- test/e2e         what matches; any of Jest's options may follow
 *   npm run test:unit            only the tests beside the sources, which need neither a build nor a database
 *
 * TEST_DATABASE_URL names a PostgreSQL on which databases may be created; without it one is started and removed again.
 * Redis is a private `redis-server` from PATH, else the one named by TEST_REDIS_URL, else its suites are skipped.
 */
import { nodeIsRecentEnough, nodeTooOld } from './launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain } = await import('./launcher/interruption.mjs');
  const { runTests } = await import('./launcher/run-tests.mjs');
  await runMain(() => runTests(process.argv.slice(2)));
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
