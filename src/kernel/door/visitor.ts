/**
 * One connection of a caller. What it sends goes on, byte by byte, to a connection of its own to the HTTP server inside, and
 * so do the answers back; only a request that begins and ends where the last one was answered may be refused here, without anybody
 * inside hearing of it. A caller who sends what is not plain, or the next request before the last is answered, is not looked at again.
 */
import { connect, type Socket } from 'node:net';
import { AnswerEnd } from './answer-end.js';
import { callerLine } from './caller.js';
import { destroyLater } from './linger.js';
import { readPlainRequest, type PlainRequest } from './plain-request.js';

export interface House {
  /** Where the HTTP server inside listens: the path of a socket. */
  readonly inside: string;
  /** The answer to whom is refused here; undefined: let in. */
  refusal(request: PlainRequest): string | undefined;
  /** Told that whoever asks with these credentials has used up what is theirs. */
  onLimited(authorization: string): void;
}

/** A connection that nobody uses is ended by the server inside after 65 s (KEEP_ALIVE_TIMEOUT_MS); by then nothing is sent on it any more. */
const LINE_IDLE_MS = 55_000;
const LIMITED = '429';

/** Nothing is on its way; a request that was plain is; whatever it may be; the connection ends. */
type State = 'idle' | 'asking' | 'any' | 'over';

export class Visitor {
  private line: Socket | undefined;
  private lineUsedAt = 0;
  private state: State = 'idle';
  private answer = new AnswerEnd();
  private authorization: string | undefined;
  /** Bytes still to come of the request that went on. */
  private owed = 0;
  /** Bytes still to come of a request that was refused. */
  private refused = 0;
  private leaving = false;

  constructor(
    private readonly caller: Socket,
    private readonly house: House,
    idleTimeoutMs: number,
  ) {
    caller.setNoDelay(true);
    // The server inside minds those who have a line to it.
    caller.setTimeout(idleTimeoutMs, () => {
      // And what comes at this very moment is not worked on: its answer could not be sent.
      if (this.line === undefined) this.end();
    });
    caller.on('data', (chunk: Buffer) => this.asked(chunk));
    caller.on('end', () => this.said());
    caller.on('drain', () => this.flow());
    caller.on('error', () => undefined);
    caller.on('close', () => this.line?.destroy());
  }

  /** Ends when the request under way is answered. */
  leave(): void {
    this.leaving = true;
    if (this.state === 'idle') this.end();
  }

  /** The caller sends nothing more, but may wait for an answer. */
  private said(): void {
    this.leave();
    this.line?.end();
  }

  private asked(chunk: Buffer): void {
    if (this.state === 'over') return;
    if (this.refused > 0) {
      const rest = chunk.subarray(this.refused);
      this.refused -= chunk.length - rest.length;
      if (rest.length > 0) this.asked(rest);
      return;
    }
    if (this.state === 'idle') this.judge(chunk);
    else this.goOn(chunk);
  }

  private judge(chunk: Buffer): void {
    const request = readPlainRequest(chunk);
    if (request === undefined || request.length < chunk.length) {
      this.state = 'any';
      this.pass(chunk);
      return;
    }
    const refusal = this.house.refusal(request);
    if (refusal === undefined) {
      this.state = 'asking';
      this.answer = new AnswerEnd();
      this.authorization = request.authorization;
      this.owed = request.length;
      if (performance.now() - this.lineUsedAt > LINE_IDLE_MS) this.hangUp();
      this.goOn(chunk);
    } else {
      this.refused = request.length - chunk.length;
      if (!this.caller.write(refusal, 'latin1')) this.caller.pause();
    }
  }

  private goOn(chunk: Buffer): void {
    this.owed -= chunk.length;
    // The next one, before this one is answered.
    if (this.owed < 0 && this.state === 'asking') this.state = 'any';
    this.pass(chunk);
  }

  private pass(chunk: Buffer): void {
    this.line ??= this.openLine();
    this.lineUsedAt = performance.now();
    if (!this.line.write(chunk)) this.caller.pause();
  }

  private openLine(): Socket {
    const line = connect({ path: this.house.inside });
    line.write(callerLine(this.caller), 'latin1');
    line.on('data', (chunk: Buffer) => this.answered(line, chunk));
    line.on('drain', () => this.flow());
    line.on('end', () => this.ended(line));
    line.on('error', () => undefined);
    line.on('close', () => this.ended(line));
    return line;
  }

  private answered(line: Socket, chunk: Buffer): void {
    if (line !== this.line) return;
    this.lineUsedAt = performance.now();
    if (!this.caller.write(chunk)) line.pause();
    if (this.state !== 'asking') return;
    const state = this.answer.take(chunk);
    if (this.answer.status === LIMITED && this.authorization !== undefined) this.house.onLimited(this.authorization);
    if (state === 'more_to_come') return;
    // One that is answered before it was all there may not be read to its end.
    this.state = state === 'complete' && this.owed === 0 ? 'idle' : 'any';
    if (this.leaving && this.state === 'idle') this.end();
  }

  /** The server inside ends a line. Between two requests that is nothing to the caller. */
  private ended(line: Socket): void {
    if (line !== this.line) return;
    this.hangUp();
    if (this.state !== 'idle') this.end();
  }

  private hangUp(): void {
    this.line?.destroy();
    this.line = undefined;
    this.flow();
  }

  private flow(): void {
    this.line?.resume();
    this.caller.resume();
  }

  /** What has been written still goes out. */
  private end(): void {
    const hasSaidAll = this.state === 'idle' ? this.refused === 0 : this.state === 'asking' && this.owed === 0;
    this.state = 'over';
    if (hasSaidAll || this.caller.readableEnded) {
      this.caller.destroySoon();
      return;
    }
    this.caller.end();
    destroyLater(this.caller);
  }
}
