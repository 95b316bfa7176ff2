/** Ports for servers that tests start. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below 32768, where Linux begins to take the local ends of outgoing connections: a port found free here is not lost to
 * one of those before its server listens on it.
 */
const FIRST = 20_000;
const COUNT = 12_000;

/** Far enough apart that the suite's parallel processes do not offer each other the same port. */
const STRIDE = 617;
let next = (process.pid * STRIDE) % COUNT;

/** A port on which nothing listens at 127.0.0.1; `count` asks for that many in a row and returns the first. */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    if (next + count > COUNT) next = 0;
    const first = FIRST + next;
    next += count;
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports in a row between ${FIRST} and ${FIRST + COUNT}`);
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
