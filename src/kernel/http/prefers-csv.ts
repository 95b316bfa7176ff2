/** @param accept the request's header */
export function prefersCsv(accept: string | undefined): boolean {
  return accept !== undefined && /^\s*text\/csv\b/.test(accept);
}
