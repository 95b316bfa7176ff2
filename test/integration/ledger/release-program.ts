/** A process of its own that releases what is due, and dies or freezes where SIMULATION_CRASH_POINTS says: for settlement-crash.test.ts. */
import { armCrashPoints } from '../../../src/kernel/crash-points/crash-points.js';
import { Database } from '../../../src/kernel/database/database.js';
import { AccountIds } from '../../../src/modules/ledger/accounts/account-ids.js';
import { releaseDue } from '../../../src/modules/ledger/settlement/release-settled.js';

armCrashPoints(process.env['SIMULATION_CRASH_POINTS'] ?? 'watch');
const options = {
  database: new Database({ url: process.env['DATABASE_URL'] ?? '', owner: 'ledger', poolSize: 2 }),
  accountIds: new AccountIds(),
  logger: { info: () => undefined, error: () => undefined },
  metrics: { posted: () => undefined },
};
while ((await releaseDue(options)).again);
process.stdout.write('released\n');
await options.database.close();
