/** The thread at the door. It has next to nothing to do, so it is seldom busy when somebody comes. */
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, describeError } from '../errors/describe.js';
import { openDoorway, type DoorwayOptions } from './doorway.js';

export type Opened =
  { readonly port: number; readonly family: string } | { readonly code: string | undefined; readonly reason: string };

const say = (message: Opened): void => parentPort?.postMessage(message);

try {
  const doorway = await openDoorway(workerData as DoorwayOptions);
  parentPort?.once('message', () => {
    // Nothing else is open afterwards: the thread ends.
    void doorway.close();
  });
  const { port, family } = doorway.address;
  say({ port, family });
} catch (error) {
  say({ code: codeOf(error), reason: describeError(error) });
}
