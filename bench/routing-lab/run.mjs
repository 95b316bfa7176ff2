/** `npm run routing:lab`: routers against simulated gateways; needs no services. See README.md. */
import { nodeIsRecentEnough, nodeTooOld } from '../../scripts/launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  const { runMain } = await import('../../scripts/launcher/interruption.mjs');
  const { prepare, ROOT } = await import('../../scripts/launcher/prepare.mjs');
  await runMain(async () => {
    process.chdir(ROOT);
    await prepare();
    await import('../../scripts/typescript/register.mjs');
    const { main } = await import('./main.ts');
    return main(process.argv.slice(2));
  });
} else {
  process.stderr.write(`${nodeTooOld}\n`);
  process.exitCode = 1;
}
