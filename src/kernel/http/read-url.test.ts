import { readUrl } from './read-url.js';

it('reads an address with letters beyond ASCII as the network knows it', () => {
  expect(readUrl('https://bücher.example/')?.href).toBe('https://xn--bcher-kva.example/');
});

it.each(['', 'shop.example', 'https://', 'https://[::1', '//shop.example'])('does not take %j for one', (text) => {
  expect(readUrl(text)).toBeUndefined();
});
