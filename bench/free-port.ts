import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below 32,768, where Linux begins to take the local ends of outgoing connections. */
const FIRST = 21_000;
const COUNT = 11_000;
let next = (process.pid * 37) % COUNT;

/** A port on which nothing listens at 127.0.0.1; `count` asks for that many in a row and returns the first. */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    if (next + count > COUNT) next = 0;
    const first = FIRST + next;
    next += count;
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports in a row from ${FIRST} on`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
