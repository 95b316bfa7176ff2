/**
 * Where an answer of our own server ends, and what its status is. An answer whose length is not in its head (none of ours today) is not
 * followed, and neither is one after which the connection ends.
 */
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const STATUS = /^HTTP\/1\.1 ([2-5]\d\d) /;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i;
const NOT_FOLLOWED = /\r\n(?:transfer-encoding:|connection: *close)/i;
const WITHOUT_BODY = new Set(['204', '304']);

export type AnswerState = 'more_to_come' | 'complete' | 'unknown';

export class AnswerEnd {
  private left: number | undefined;
  private statusCode: string | undefined;

  /** Of an answer that is followed; undefined before it has begun. */
  get status(): string | undefined {
    return this.statusCode;
  }

  /** @param chunk what came next of the answer */
  take(chunk: Buffer): AnswerState {
    const rest = this.left ?? this.begin(chunk);
    if (rest === undefined || rest < chunk.length) return 'unknown';
    this.left = rest - chunk.length;
    return this.left === 0 ? 'complete' : 'more_to_come';
  }

  /** @returns its length in bytes */
  private begin(chunk: Buffer): number | undefined {
    const headEnd = chunk.indexOf(END_OF_HEAD);
    if (headEnd < 0) return undefined;
    const head = chunk.toString('latin1', 0, headEnd);
    const status = STATUS.exec(head)?.[1];
    if (status === undefined || NOT_FOLLOWED.test(head)) return undefined;
    this.statusCode = status;
    const length = WITHOUT_BODY.has(status) ? '0' : CONTENT_LENGTH.exec(head)?.[1];
    return length === undefined ? undefined : headEnd + END_OF_HEAD.length + Number(length);
  }
}
