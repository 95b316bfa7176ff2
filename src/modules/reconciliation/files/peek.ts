/** A look at the first bytes of a source that is then read from its beginning. */
import type { ByteSource } from './bytes.js';
import { HEAD_BYTES } from './limits.js';

export interface Peeked {
  /** The first bytes as a source of their own: beyond what is looked at where there is more. */
  readonly head: ByteSource;
  readonly headBytes: Buffer;
  /** All bytes, once. Whoever reads them closes the source with them. */
  readonly all: ByteSource;
  /** For whoever does not want the rest. */
  close(): Promise<unknown>;
}

export async function peek(source: ByteSource): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  // One more than is looked at: with less it would be taken for the whole.
  for (let size = 0; size <= HEAD_BYTES;) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  return {
    head: once(taken),
    headBytes: Buffer.concat(taken),
    all: joined(taken, iterator),
    close: () => iterator.return?.() ?? Promise.resolve(),
  };
}

async function* once(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function* joined(taken: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* once(taken);
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    await rest.return?.();
  }
}
