/**
 * `npm run simulate`: builds what is not up to date, and runs the program through every fault. See README.md.
 * `npm run simulate:mutations` (`simulate.mjs mutations`): does so with known bugs put back.
 */
import { nodeIsRecentEnough, nodeTooOld } from '../../scripts/launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain, interruption } = await import('../../scripts/launcher/interruption.mjs');
  const { LauncherError } = await import('../../scripts/launcher/steps.mjs');
  const { prepare, ROOT } = await import('../../scripts/launcher/prepare.mjs');
  await runMain(async () => {
    process.chdir(ROOT);
    await prepare();
    await import('../../scripts/typescript/register.mjs');
    const [command, ...rest] = process.argv.slice(2);
    const isMutations = command === 'mutations';
    const { main } = await import(isMutations ? './mutations/main.ts' : './main.ts');
    try {
      return await main(isMutations ? rest : process.argv.slice(2), interruption);
    } catch (error) {
      // What a user can put right is told in one line, as the launcher does it.
      throw error instanceof Error && error.name === 'SimulateError' ? new LauncherError(error.message) : error;
    }
  });
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
