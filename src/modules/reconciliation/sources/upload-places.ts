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
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    const error = { detail: 'The process is ending.', retryAfterSeconds: RETRY_SECONDS };
    stop = () => reject(new DomainError('service.unavailable', error));
  });
  // Whoever waits for a chunk at that moment is told; when nobody does, nobody need be.
  stopped.catch(() => undefined);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), stopped]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // While it waits for more it cannot be closed.
    if (!signal.aborted) await chunks.return?.();
  }
}
