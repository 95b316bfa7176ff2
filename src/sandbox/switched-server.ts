import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than a client's pool keeps an idle connection, so that it is the client who closes it. Milliseconds. */
const KEEP_ALIVE_MS = 75_000;

/** An HTTP server that listens or does not, as faults will have it. */
export class SwitchedServer {
  readonly server: Server;
  private listening = false;
  private changing: Promise<void> = Promise.resolve();

  /**
   * @param port 0: any that is free, the same from then on
   * @param isWanted whether it is to listen now
   */
  constructor(
    private readonly host: string,
    private port: number,
    serve: RequestListener,
    private readonly isWanted: () => boolean,
  ) {
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, serve);
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  get isListening(): boolean {
    return this.listening;
  }

  /** Opens or closes it, as is wanted by then. */
  follow(): Promise<void> {
    // One change after the other: a socket that is being closed cannot be opened again yet.
    this.changing = this.changing.then(async () => {
      const wanted = this.isWanted();
      if (wanted && !this.listening) await this.open();
      if (!wanted && this.listening) await this.shut();
    });
    const outcome = this.changing;
    this.changing = outcome.catch(() => undefined);
    return outcome;
  }

  async close(): Promise<void> {
    await this.changing;
    if (this.listening) await this.shut();
  }

  private open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, this.host, () => {
        this.server.off('error', reject);
        const address = this.server.address();
        if (typeof address === 'object' && address !== null) this.port = address.port;
        this.listening = true;
        resolve();
      });
    });
  }

  private shut(): Promise<void> {
    this.listening = false;
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
