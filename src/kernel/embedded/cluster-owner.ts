/**
 * One process owns a running cluster, and only its owner stops it. Ownership is an advisory lock held by an open
 * connection: it ends with the process, however that ends, so that nothing stale is ever left behind (as a pid file would).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Any number will do, as long as every version uses the same: "SANKOFA" on a telephone's keys. */
const OWNER_LOCK = 7_265_632;

/** The server notices a killed owner's closed connection in milliseconds; this leaves room for a busy machine. */
const HANDOVER_MS = 5_000;
const RETRY_MS = 100;

export class ClusterOwner {
  private client: pg.Client | undefined;
  private released = false;

  constructor(private readonly url: string) {}

  /** @returns false when another living process owns the cluster */
  async acquire(): Promise<boolean> {
    const deadline = Date.now() + HANDOVER_MS;
    const client = new pg.Client({ connectionString: this.url, application_name: 'sankofa owner' });
    client.on('error', () => this.reacquire());
    await client.connect();
    for (;;) {
      const { rows } = await client.query<{ owned: boolean }>('SELECT pg_try_advisory_lock($1) AS owned', [OWNER_LOCK]);
      if (rows[0]?.owned === true) {
        this.client = client;
        return true;
      }
      if (Date.now() > deadline) {
        await client.end();
        return false;
      }
      await sleep(RETRY_MS);
    }
  }

  async release(): Promise<void> {
    this.released = true;
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }

  // A crashed backend makes the server drop every connection and recover; the ownership is taken up again.
  private reacquire(): void {
    if (this.client === undefined || this.released) return;
    this.client = undefined;
    void this.retry();
  }

  private async retry(): Promise<void> {
    while (!this.released && this.client === undefined) {
      await sleep(RETRY_MS, undefined, { ref: false });
      // Refused for as long as the server recovers or is gone; its end is noticed elsewhere.
      if (!this.released) await this.acquire().catch(() => false);
    }
    // Released while the last attempt was under way.
    if (this.released) await this.release();
  }
}
