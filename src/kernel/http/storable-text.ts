/**
 * PostgreSQL stores neither U+0000 nor half a surrogate pair in text or jsonb. JSON can spell both, by escapes alone. They
 * are refused at the door: further in, one such text would fail the statement that it shares with other people's requests.
 */
const LONE_SURROGATE = /\p{Surrogate}/u;
const UNSTORABLE = /\0|\p{Surrogate}/gu;

export function isStorable(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}

/** The text with the replacement character (U+FFFD) for what cannot be stored: for what others send and we must keep. */
export function toStorable(text: string): string {
  return text.replaceAll(UNSTORABLE, '\uFFFD');
}

/** JSON Pointer (RFC 6901) of the first text in a parsed body, or the first member's name, that cannot be stored. */
export function findUnstorable(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    // A name that cannot be stored cannot be shown either: its place is that of its object.
    if (!isStorable(name)) return pointer;
    const found = findUnstorable(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
