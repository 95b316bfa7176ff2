import type { ByteSource } from '../bytes.js';
import type { FileRefused, FileProblem } from '../file-refused.js';
import type { FileSummary, ReadStep } from '../lines.js';

/** Bytes in pieces of a size; all at once without one. */
export async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) yield bytes.subarray(at, at + Math.max(1, size));
}

export function textSource(text: string): ByteSource {
  return pieces(Buffer.from(text, 'utf8'));
}

export interface ReadWhole<Line> {
  readonly lines: Line[];
  readonly summary: FileSummary;
}

/** Reads to the end, as a caller does who stages lines and keeps them at the end. */
export async function readAll<Line>(steps: AsyncIterable<ReadStep<Line>>): Promise<ReadWhole<Line>> {
  const lines: Line[] = [];
  let summary: FileSummary | undefined;
  for await (const step of steps) {
    if (summary !== undefined) throw new Error('Something came behind the end');
    if (step.type === 'lines') lines.push(...step.lines);
    else summary = step.summary;
  }
  if (summary === undefined) throw new Error('There was no end');
  if (summary.lines !== lines.length)
    throw new Error(`${lines.length} lines came, but the summary says ${summary.lines}`);
  return { lines, summary };
}

/** What a file is refused for. */
export async function problemsOf<Line>(steps: AsyncIterable<ReadStep<Line>>): Promise<readonly FileProblem[]> {
  try {
    await readAll(steps);
  } catch (error) {
    if (error instanceof Error && error.name === 'FileRefused') return (error as FileRefused).problems;
    throw error;
  }
  throw new Error('The file was read');
}
