/** Why a start cannot go on; the message is one line fit for a terminal and holds no secret. */
export class QuickstartError extends Error {
  override readonly name = 'QuickstartError';
}
