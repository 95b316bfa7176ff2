/**
 * Reads an absolute address; undefined for what is none. In the place of `URL.canParse`, which in Node 20 refuses every address with a letter of
 * Latin-1 beyond ASCII (`https://bücher.example/`) once it has been called some thousand times and V8 takes its short cut.
 */
export function readUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
