/*
 * `npm start`: needs nothing but Node. Nothing newer than old Node versions can read may stand here, since this file is
 * what tells their users so.
 */
import { nodeIsRecentEnough, nodeTooOld } from './launcher/node-version.mjs';

if (nodeIsRecentEnough) {
  void import('./launcher/start-app.mjs').then(function (launcher) {
    return launcher.startApp({ prepared: process.argv.includes('--prepared') });
  });
} else {
  process.stderr.write(nodeTooOld + '\n');
  process.exitCode = 1;
}
