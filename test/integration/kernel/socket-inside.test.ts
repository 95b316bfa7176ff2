import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { socketInside, type SocketInside } from '../../../src/kernel/door/socket-inside.js';

/** Listens, and dies without closing anything. */
const DIE_LISTENING = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;

/** As if it had last been touched a day ago. */
function age({ path: socketPath }: SocketInside): void {
  const dayAgo = Date.now() / 1_000 - 86_400;
  utimesSync(path.dirname(socketPath), dayAgo, dayAgo);
}

const places: SocketInside[] = [];
async function place(): Promise<SocketInside> {
  const made = await socketInside();
  places.push(made);
  return made;
}
afterEach(async () => {
  for (const { remove } of places.splice(0)) await remove();
});

describe('the socket inside', () => {
  it('stands in a folder that goes with it', async () => {
    const { path: socketPath, remove } = await place();
    expect(existsSync(path.dirname(socketPath))).toBe(true);
    await remove();
    expect(existsSync(path.dirname(socketPath))).toBe(false);
  });

  it('takes with it what the killed have left, and nothing that is in use or about to be', async () => {
    const [killed, living, coming] = [await place(), await place(), await place()];
    spawnSync(process.execPath, ['-e', DIE_LISTENING, killed.path]);
    expect(existsSync(killed.path)).toBe(true);
    const server = createServer().listen(living.path);
    await once(server, 'listening');
    const foreign = mkdtempSync(path.join(os.tmpdir(), 'sankofa-else-'));
    for (const each of [killed, living, coming]) age(each);
    await place();
    expect([killed, living, coming].map((each) => existsSync(path.dirname(each.path)))).toEqual([false, true, true]);
    expect(existsSync(foreign)).toBe(true);
    rmSync(foreign, { recursive: true });
    server.close();
    await once(server, 'close');
  });

  it('leaves alone what somebody may be about to listen at: it is there before they do', async () => {
    const young = await place();
    spawnSync(process.execPath, ['-e', DIE_LISTENING, young.path]);
    await place();
    expect(existsSync(young.path)).toBe(true);
  });
});
