/** The bytes of an upload on their way in: counted, hashed, cut into bounded steps, and looked at before they are read. */
import { createHash } from 'node:crypto';
import { refused } from './file-refused.js';
import { HEAD_BYTES, MAX_BYTES, STEP_BYTES } from './limits.js';

/** Whatever an upload is read from: a request, a file, an object store. */
export type ByteSource = AsyncIterable<Uint8Array>;

export class MeteredBytes {
  private readonly hash = createHash('sha256');
  private count = 0;

  constructor(private readonly source: ByteSource) {}

  get bytes(): number {
    return this.count;
  }

  /** Hex. To be asked once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** @throws {FileRefused} when there are too many */
  async *steps(): AsyncGenerator<Buffer> {
    for await (const chunk of this.source) {
      this.count += chunk.byteLength;
      if (this.count > MAX_BYTES) {
        throw refused('too_large', `The file is larger than ${MAX_BYTES / 1024 / 1024} MB; export a shorter period.`);
      }
      this.hash.update(chunk);
      const whole = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let at = 0; at < whole.length; at += STEP_BYTES) yield whole.subarray(at, at + STEP_BYTES);
    }
  }
}

export interface Opened {
  /** The first bytes, whatever chunks they came in. */
  readonly head: Buffer;
  /** Whether the head is the whole file. */
  readonly complete: boolean;
  /** All bytes, the head included. */
  readonly all: AsyncGenerator<Buffer>;
  /** Has the upload's stream closed, however far it was read. */
  readonly close: () => Promise<unknown>;
}

/** Looks at the first bytes and gives them back together with the rest. */
export async function open(steps: AsyncGenerator<Buffer>): Promise<Opened> {
  const taken: Buffer[] = [];
  let size = 0;
  let complete = false;
  while (size < HEAD_BYTES) {
    const next = await steps.next();
    if (next.done === true) {
      complete = true;
      break;
    }
    taken.push(next.value);
    size += next.value.length;
  }
  const start = Buffer.concat(taken);
  const all = async function* (): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start;
    if (!complete) yield* steps;
  };
  // Cut to a fixed length, so that what is concluded from it does not hang on how the chunks came.
  return {
    head: start.subarray(0, HEAD_BYTES),
    complete: complete && start.length <= HEAD_BYTES,
    all: all(),
    close: () => steps.return(undefined),
  };
}
