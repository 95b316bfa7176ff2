/**
 * `npm run bench`: builds what is not up to date, measures, prints, and leaves nothing behind. See README.md.
 */
import { nodeIsRecentEnough, nodeTooOld } from '../scripts/launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain, interruption } = await import('../scripts/launcher/interruption.mjs');
  const { LauncherError } = await import('../scripts/launcher/steps.mjs');
  const { prepare, ROOT } = await import('../scripts/launcher/prepare.mjs');
  await runMain(async () => {
    const caller = process.cwd();
    process.chdir(ROOT);
    await prepare();
    await import('../scripts/typescript/register.mjs');
    const { main } = await import('./main.ts');
    try {
      return await main(process.argv.slice(2), { signal: interruption, caller });
    } catch (error) {
      // What a user can put right is told in one line, as the launcher does it.
      throw error instanceof Error && error.name === 'BenchError' ? new LauncherError(error.message) : error;
    }
  });
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
