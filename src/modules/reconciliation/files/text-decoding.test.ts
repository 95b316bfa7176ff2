import fc from 'fast-check';
import { FileRefused } from './file-refused.js';
import { TextDecoding, type Encoding } from './text-decoding.js';

function decoded(bytes: Buffer, asked?: Encoding, piece = bytes.length) {
  const decoding = new TextDecoding(bytes.subarray(0, 1_024), asked);
  let text = '';
  for (let at = 0; at < bytes.length; at += Math.max(1, piece))
    text += decoding.push(bytes.subarray(at, at + Math.max(1, piece)));
  return { text: text + decoding.end(), encoding: decoding.encoding };
}

function refusalOf(bytes: Buffer, asked?: Encoding, piece?: number) {
  try {
    decoded(bytes, asked, piece);
  } catch (error) {
    if (error instanceof FileRefused) return error.problems[0];
    throw error;
  }
  throw new Error('It was read');
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('decoding', () => {
  it.each<[string, Buffer, Encoding]>([
    ['ASCII', Buffer.from('a,b\n1,2\n'), 'utf-8'],
    ['UTF-8', Buffer.from('a,é€\n'), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\ufeffa,é\n'), 'utf-8'],
    ['UTF-16LE with a mark', Buffer.from('\ufeffa,é\n', 'utf16le'), 'utf-16le'],
    ['UTF-16BE with a mark', utf16be('\ufeffa,é\n'), 'utf-16be'],
    ['UTF-16LE without', Buffer.from('reference,amount\n', 'utf16le'), 'utf-16le'],
    ['UTF-16BE without', utf16be('reference,amount\n'), 'utf-16be'],
    ['windows-1252', Buffer.from('a,\xe9\x80\n', 'latin1'), 'windows-1252'],
  ])('finds out %s by itself', (_, bytes, encoding) => {
    for (const piece of [1, 2, 3, bytes.length]) {
      const read = decoded(bytes, undefined, piece);
      expect(read.encoding).toBe(encoding);
      expect(read.text).not.toContain('\ufeff');
    }
  });

  it('reads the euro and the quotation marks of windows-1252', () => {
    expect(decoded(Buffer.from('\x80\x93\x94\xe9', 'latin1'), 'windows-1252').text).toBe('€“”é');
  });

  it('believes a byte order mark rather than what the file is said to be', () => {
    expect(decoded(Buffer.from('\ufeffé'), 'windows-1252')).toEqual({ text: 'é', encoding: 'utf-8' });
  });

  it('reads any text in any encoding, wherever it is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '\n', 'é', 'ÿ'), minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(
        text,
        fc.nat(9),
        fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
        (given, piece, encoding) => {
          const bytes =
            encoding === 'utf-16be'
              ? utf16be(given)
              : Buffer.from(given, encoding === 'utf-16le' ? 'utf16le' : encoding === 'utf-8' ? 'utf8' : 'latin1');
          expect(decoded(bytes, encoding, piece).text).toBe(given);
          if (encoding === 'utf-8') expect(decoded(bytes, undefined, piece).text).toBe(given);
        },
      ),
    );
  });

  it('concludes the same of any bytes, wherever they are cut', () => {
    const bytes = fc
      .uint8Array({ maxLength: 12, min: 9 })
      .map((array) => Buffer.from(array.map((byte) => (byte > 0xd0 || byte < 0x80 ? byte : 0x80 + (byte & 7)))));
    const outcome = (given: Buffer, piece: number) => {
      try {
        return decoded(given, undefined, piece).text;
      } catch (error) {
        if (error instanceof FileRefused) return 'refused';
        throw error;
      }
    };
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 5 }), (given, piece) => {
        expect(outcome(given, piece)).toBe(outcome(given, given.length));
      }),
      { numRuns: 3_000 },
    );
  });

  it('says on which line a file is of another encoding than before', () => {
    const mixed = Buffer.concat([Buffer.from('a\né\nb\n'), Buffer.from('\xe9,x\n', 'latin1')]);
    for (const piece of [1, 3, mixed.length])
      expect(refusalOf(mixed, undefined, piece)).toMatchObject({ code: 'encoding', line: 4 });
    expect(refusalOf(Buffer.from('a\n\xe9,\n', 'latin1'), 'utf-8')).toMatchObject({ code: 'encoding', line: 2 });
  });

  it('refuses NUL bytes, other controls, and the holes of windows-1252', () => {
    expect(refusalOf(Buffer.from('a\nb\0c\n'))).toMatchObject({ code: 'control_character', line: 2 });
    expect(refusalOf(Buffer.from('a\nb\n\u0007'))).toMatchObject({ code: 'control_character', line: 3 });
    expect(refusalOf(Buffer.from('a\x81', 'latin1'), 'windows-1252')).toMatchObject({
      code: 'control_character',
      line: 1,
    });
  });

  it('refuses a file that ends inside a character', () => {
    expect(refusalOf(Buffer.from('a,é€').subarray(0, -1))).toMatchObject({ code: 'cut_off' });
    expect(refusalOf(Buffer.from('\ufeffabc', 'utf16le').subarray(0, -1))).toMatchObject({ code: 'cut_off' });
  });
});
