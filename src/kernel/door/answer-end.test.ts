import { AnswerEnd } from './answer-end.js';

const take = (...chunks: string[]): string[] => {
  const end = new AnswerEnd();
  return chunks.map((chunk) => end.take(Buffer.from(chunk)));
};

describe('the end of an answer', () => {
  it('is where its length says', () => {
    expect(take('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody')).toEqual(['complete']);
    expect(take('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx: y\r\n\r\nb', 'od', 'y')).toEqual([
      'more_to_come',
      'more_to_come',
      'complete',
    ]);
  });

  it('is the end of its head where it can have no body', () => {
    expect(take('HTTP/1.1 204 No Content\r\nx: y\r\n\r\n')).toEqual(['complete']);
    expect(take('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')).toEqual(['complete']);
  });

  it.each([
    ['has no length', 'HTTP/1.1 200 OK\r\nx: y\r\n\r\n'],
    ['comes in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['ends the connection', 'HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nConnection: close\r\n\r\n'],
    ['only announces another', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['has a head in pieces', 'HTTP/1.1 200 OK\r\ncontent-len'],
    ['goes on after its end', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbodyHTTP/1.1'],
  ])('is not looked for where an answer %s', (_, text) => {
    expect(take(text)).toEqual(['unknown']);
  });
});
