/**
 * The alphabet of SMS (GSM 03.38, now 3GPP TS 23.038). In it a message holds 160 characters; one character outside of it makes all of them
 * sixteen bits wide, of which 70 fit, and costs twice. French has é, è, à, ù there, and neither ê, ô, î nor a small ç.
 */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** These take two places. */
const EXTENDED = '^{}\\[~]|€';

export const SMS_CHARACTERS = 160;

const BASIC_SET: ReadonlySet<string> = new Set(BASIC);
const EXTENDED_SET: ReadonlySet<string> = new Set(EXTENDED);

/** What people read for what the alphabet lacks. */
const INSTEAD: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  œ: 'oe',
  Œ: 'OE',
  '\u00a0': ' ',
  '\u202f': ' ',
};

/** The same in letters of the alphabet: an accent that it lacks is left out; what it has no likeness of is a question mark. */
export function toGsm7(text: string): string {
  return Array.from(text.normalize('NFC'), (character) => {
    if (BASIC_SET.has(character) || EXTENDED_SET.has(character)) return character;
    const instead = INSTEAD[character] ?? character.normalize('NFD').replaceAll(/\p{M}/gu, '');
    return Array.from(instead, (each) => (BASIC_SET.has(each) ? each : '?')).join('');
  }).join('');
}

/** Places that a text takes; undefined where it is not of the alphabet. */
export function gsm7Length(text: string): number | undefined {
  let length = 0;
  for (const character of text) {
    if (BASIC_SET.has(character)) length += 1;
    else if (EXTENDED_SET.has(character)) length += 2;
    else return undefined;
  }
  return length;
}

/** One SMS: what must be in it, and of the rest, in order, as much as still fits. */
export function oneSms(text: string, ...further: readonly string[]): string {
  let fitting = toGsm7(text);
  for (const more of further) {
    const longer = fitting + toGsm7(more);
    if ((gsm7Length(longer) ?? Infinity) > SMS_CHARACTERS) break;
    fitting = longer;
  }
  return cut(fitting);
}

/** A last resort: whoever writes the templates sees to it that it does not come to that. */
function cut(text: string): string {
  if ((gsm7Length(text) ?? Infinity) <= SMS_CHARACTERS) return text;
  let kept = '';
  for (const character of text) {
    if ((gsm7Length(kept + character) ?? Infinity) > SMS_CHARACTERS - 3) break;
    kept += character;
  }
  return `${kept}...`;
}
