/** Raised for what the person at the terminal can put right; shown as one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
