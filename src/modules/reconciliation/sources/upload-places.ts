/** How many files are taken in at a time in this process, and that none holds up its end. */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { ByteSource } from '../files/index.js';

/** Each takes up to 60 MB and half a processor. */
const MAX_AT_ONCE = 2;
const RETRY_SECONDS = 5;

@Injectable()
export class UploadPlaces implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private taken = 0;

  /**
   * @param work is given the bytes, which end with an error when the process is to end
   * @throws {DomainError} `service.overloaded`
   */
  async take<T>(bytes: ByteSource, work: (bytes: ByteSource) => Promise<T>): Promise<T> {
    if (this.taken >= MAX_AT_ONCE)
      throw new DomainError('service.overloaded', {
        retryAfterSeconds: RETRY_SECONDS,
        detail: `${MAX_AT_ONCE} files are being taken in.`,
      });
    this.taken += 1;
    try {
      return await work(untilStopped(bytes, this.stopping.signal));
    } finally {
      this.taken -= 1;
    }
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }
}

async function* untilStopped(bytes: ByteSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessStopped(chunks, signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // While it waits for more it cannot be closed.
    if (!signal.aborted) await chunks.return?.();
  }
}

/** One promise per chunk: one that lives as long as the upload would keep every chunk that was raced against it. */
function unlessStopped(
  chunks: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array, unknown>> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      const options = { detail: 'The process is ending.', retryAfterSeconds: RETRY_SECONDS };
      reject(new DomainError('service.unavailable', options));
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    const settled = (): void => signal.removeEventListener('abort', stop);
    chunks.next().then(resolve, reject).finally(settled);
  });
}
