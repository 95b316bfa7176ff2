/**
 * A client of HTTP/1.1 over kept-alive sockets, one request at a time on each, that does as little as can be done: on a
 * machine where client, program and PostgreSQL share two cores, whatever the client costs is taken from what it measures.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Status line and headers, as they came. */
  readonly head: string;
  readonly body: string;
}

/** Longer than any answer of the program takes; one that does not come by then will not. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Answers are read into it, and looked at before the next one is: all sockets share it, and none needs a stream. */
const BUFFER = Buffer.allocUnsafe(65_536);

/** One connection. It is opened by {@link open}, on first use, and again after an error. */
export class HttpConnection {
  private socket: Socket | undefined;
  private received = '';
  private settle: ((answer: Answer | Error) => void) | undefined;

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** Sends a whole request, head and body, and resolves with the answer. @throws when the connection breaks */
  async send(request: string): Promise<Answer> {
    const socket = this.socket ?? (await this.open());
    const answer = await new Promise<Answer | Error>((resolve) => {
      this.settle = resolve;
      socket.write(request, 'latin1');
    });
    if (answer instanceof Error) throw answer;
    return answer;
  }

  close(): void {
    this.socket?.destroy();
  }

  /** @throws when nobody listens */
  async open(): Promise<Socket> {
    const socket = connect({
      host: this.host,
      port: this.port,
      noDelay: true,
      onread: { buffer: BUFFER, callback: (bytes) => this.receive(BUFFER.toString('latin1', 0, bytes)) },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the connection was closed')));
    this.socket = socket;
    return socket;
  }

  private end(error: Error): void {
    this.socket = undefined;
    this.received = '';
    this.answer(error);
  }

  private answer(answer: Answer | Error): void {
    const { settle } = this;
    this.settle = undefined;
    settle?.(answer);
  }

  /** @param text latin1: a character is a byte, so lengths and positions are those of the wire. @returns true: go on reading */
  private receive(text: string): boolean {
    this.received += text;
    this.look();
    return true;
  }

  private look(): void {
    const { received } = this;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = contentLength(received, headEnd);
    if (length === undefined) {
      this.socket?.destroy(new Error('an answer without Content-Length'));
      return;
    }
    if (received.length < headEnd + 4 + length) return;
    this.received = '';
    // "HTTP/1.1 202": the status stands in columns 9 to 11.
    this.answer({
      status: Number(received.slice(9, 12)),
      head: received.slice(0, headEnd),
      body: received.slice(headEnd + 4),
    });
  }
}

function contentLength(head: string, headEnd: number): number | undefined {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, headEnd));
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
