import { readUrl } from './read-url.js';

/** Well beyond where Node 20's own check begins to fail. */
const OFTEN = 100_000;

it('reads an address with letters beyond ASCII, however often it is asked', () => {
  const read = new Set<string | undefined>();
  for (let count = 0; count < OFTEN; count += 1) read.add(readUrl('https://bücher.example/')?.href);
  expect([...read]).toEqual(['https://xn--bcher-kva.example/']);
});

it.each(['', 'shop.example', 'https://', 'https://[::1', '//shop.example'])('does not take %j for one', (text) => {
  expect(readUrl(text)).toBeUndefined();
});
