import { readPlainRequest } from './plain-request.js';

const read = (text: string): ReturnType<typeof readPlainRequest> => readPlainRequest(Buffer.from(text, 'latin1'));
const head = (...fields: string[]): string => ['POST /v1/payments HTTP/1.1', 'Host: x', ...fields, '', ''].join('\r\n');

describe('a plain request', () => {
  it('has a method, a path and a length, however much of its body has come', () => {
    const whole = head('Content-Length: 11');
    expect(read(whole)).toEqual({ method: 'POST', path: '/v1/payments', length: whole.length + 11 });
    expect(read(`${whole}{"size":1}`)).toEqual({ method: 'POST', path: '/v1/payments', length: whole.length + 11 });
  });

  it('may have no body', () => {
    const text = 'GET /v1/payments?phone=1 HTTP/1.1\r\nHost: x\r\n\r\n';
    expect(read(text)).toEqual({ method: 'GET', path: '/v1/payments', length: text.length });
  });

  it('may say that the connection stays, which it does anyway', () => {
    expect(read(head('Connection: keep-alive', 'content-length: 0'))).toBeDefined();
    expect(read(head('connection: Keep-Alive', 'content-length: 0'))).toBeDefined();
  });

  it.each([
    ['that is not there as far as the end of its head', 'POST /v1/payments HTTP/1.1\r\nHost: x\r\n'],
    ['in chunks', head('Transfer-Encoding: chunked')],
    ['with a length and in chunks', head('Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['with two lengths', head('Content-Length: 5', 'Content-Length: 5')],
    ['with a list of lengths', head('Content-Length: 5, 5')],
    ['with a signed length', head('Content-Length: +5')],
    ['with a length in hexadecimal', head('Content-Length: 0x5')],
    ['with an empty length', head('Content-Length: ')],
    ['with a length beyond belief', head('Content-Length: 99999999999999999999')],
    ['with a space before the colon', head('Content-Length : 5')],
    ['with a field that goes on in the next line', head('X-Long: a', ' Content-Length: 5')],
    ['with a line that ends in LF', head('X-One: a\nContent-Length: 5')],
    ['with a lone CR', head('X-One: a\rContent-Length: 5')],
    ['with a NUL', head('X-One: a\0')],
    ['with a character that is none', head('X-One: \x01')],
    ['with a field without a name', head(': a')],
    ['with a field without a colon', head('Content-Length')],
    ['that asks before it sends its body', head('Content-Length: 5', 'Expect: 100-continue')],
    ['that wants another protocol', head('Connection: Upgrade', 'Upgrade: websocket')],
    ['that ends the connection', head('Connection: close')],
    ['of an earlier version', 'GET /v1/payments HTTP/1.0\r\nHost: x\r\n\r\n'],
    ['with an empty line before it', '\r\nGET /v1/payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with two spaces', 'GET  /v1/payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['for a proxy', 'GET http://x/v1/payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['whose answer has a length and no body', 'HEAD /v1/payments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with a head of more than 16 KB', head(`X-Long: ${'a'.repeat(17_000)}`)],
  ])('is not one %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });
});
