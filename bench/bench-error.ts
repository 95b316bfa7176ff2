/** Something that whoever runs the bench can put right, or must know: shown as one line, without a stack. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
