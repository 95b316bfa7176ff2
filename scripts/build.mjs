/** `npm run build`: installs, generates and builds what is not up to date, and starts nothing. */
import { nodeIsRecentEnough, nodeTooOld } from './launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain } = await import('./launcher/interruption.mjs');
  const { prepare, ROOT } = await import('./launcher/prepare.mjs');
  await runMain(async () => {
    process.chdir(ROOT);
    await prepare();
    return 0;
  });
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
