/** What is told beside a test's failure, by environment.mjs. */
type Tell = () => Promise<string>;

declare global {
  // As Jest's environment knows it.
  var toldOnFailure: Set<Tell> | undefined;
}

/** @returns what ends it */
export function onFailure(tell: Tell): () => void {
  globalThis.toldOnFailure?.add(tell);
  return () => void globalThis.toldOnFailure?.delete(tell);
}
