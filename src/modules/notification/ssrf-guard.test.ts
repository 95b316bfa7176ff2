import {
  AddressNotAllowedError,
  isPublicAddress,
  NameNotResolvedError,
  SsrfGuard,
  type Resolve,
} from './ssrf-guard.js';

const addresses =
  (...list: string[]): Resolve =>
  () =>
    Promise.resolve(list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const strict = new SsrfGuard({ allowPrivate: false, resolve: addresses('93.184.216.34') });
const lenient = new SsrfGuard({ allowPrivate: true, resolve: addresses('127.0.0.1') });

function refusal(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AddressNotAllowedError) return error.refusal;
    throw error;
  }
}

describe('public addresses', () => {
  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '41.58.1.1',
    '196.200.0.1',
    '2001:4860:4860::8888',
    '2a00:1450:4009::1',
    '2606:2800:220:1::1',
  ])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...[
      '0.0.0.0',
      '0.1.2.3',
      '127.0.0.1',
      '127.255.255.254',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
    ],
    ...[
      '169.254.169.254',
      '169.254.0.1',
      '100.64.0.1',
      '100.100.100.200',
      '100.127.255.255',
      '192.0.0.192',
      '192.0.2.1',
      '198.18.0.1',
      '198.19.255.255',
    ],
    ...[
      '198.51.100.7',
      '203.0.113.9',
      '192.88.99.1',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '168.63.129.16',
    ],
    ...[
      '::',
      '::1',
      '::127.0.0.1',
      '::8.8.8.8',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:a9fe:a9fe',
      '::ffff:0:127.0.0.1',
    ],
    ...[
      '64:ff9b::7f00:1',
      '64:ff9b::8.8.8.8',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      '2002:808:808::1',
      '2001::1',
      '2001:0:7f00:1::',
      '2001:db8::1',
      '2001:2::1',
      '2001:10::1',
      '2001:20::1',
    ],
    ...[
      'fc00::1',
      'fd00:ec2::254',
      'fd20:ce::254',
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'ff02::1',
      '100::1',
      '3fff::1',
      '5f00::1',
      '4000::1',
      'not an address',
      '',
    ],
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('an address a merchant gives', () => {
  it.each([
    'https://example.com/hook',
    'https://example.com:8443/a?b=c',
    'https://8.8.8.8/',
    'https://[2001:4860:4860::8888]/',
    'https://bücher.example/',
    'https://EXAMPLE.com.',
  ])('%s may be used', (url) => {
    expect(refusal(() => strict.checkUrl(url))).toBeUndefined();
  });

  it('may have letters beyond ASCII, however often a process has been asked', () => {
    const read = new Set<string>();
    // Node 20's URL.canParse begins to refuse it after some four thousand calls.
    for (let count = 0; count < 100_000; count += 1) read.add(strict.checkUrl('https://bücher.example/').href);
    expect([...read]).toEqual(['https://xn--bcher-kva.example/']);
  });

  it.each([
    ['http://example.com/', 'scheme'],
    ['ftp://example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://127.0.0.1:6379/_INFO', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['example.com/hook', 'malformed'],
    ['https://', 'malformed'],
    ['https://exa mple.com', 'malformed'],
    ['https://[::1', 'malformed'],
    ['https://999.1.1.1/', 'malformed'],
    ['https://user:password@example.com/', 'credentials'],
    ['https://user@example.com/', 'credentials'],
    ['https://:x@example.com/', 'credentials'],
    [`https://example.com/${'a'.repeat(2_048)}`, 'too_long'],
    [`https://example.com/${'é'.repeat(500)}`, 'too_long'],
  ])('%s is refused: %s', (url, reason) => {
    expect(refusal(() => strict.checkUrl(url))).toBe(reason);
  });

  it.each([
    ...[
      'https://127.0.0.1/',
      'https://127.1/',
      'https://2130706433/',
      'https://0x7f000001/',
      'https://0x7f.1/',
      'https://0177.0.0.1/',
      'https://017700000001/',
    ],
    ...[
      'https://127.0.0.1./',
      'https://0/',
      'https://0.0.0.0/',
      'https://127。0。0。1/',
      'https://１２７.0.0.1/',
      'https://①②⑦.0.0.1/',
      'https://%31%32%37.0.0.1/',
    ],
    ...[
      'https://[::1]/',
      'https://[::]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:7f00:1]/',
      'https://[0:0:0:0:0:ffff:10.0.0.1]/',
      'https://[64:ff9b::169.254.169.254]/',
      'https://[2002:7f00:1::]/',
    ],
    ...[
      'https://[fe80::1]/',
      'https://[fd00:ec2::254]/',
      'https://169.254.169.254/latest/meta-data/',
      'https://2852039166/',
      'https://0xa9fea9fe/',
      'https://168.63.129.16/',
    ],
  ])('%s is refused as not public', (url) => {
    expect(refusal(() => strict.checkUrl(url))).toBe('not_public');
  });

  it('may be private, and without TLS, in development only; never link-local, unspecified or multicast', () => {
    for (const url of [
      'http://127.0.0.1:3000/',
      'http://localhost/',
      'http://10.1.2.3/',
      'http://192.168.0.9/',
      'http://[::1]/',
      'http://[fd00::1]/',
      'https://8.8.8.8/',
    ]) {
      expect([url, refusal(() => lenient.checkUrl(url))]).toEqual([url, undefined]);
    }
    for (const url of [
      'http://169.254.169.254/',
      'http://0.0.0.0/',
      'http://224.0.0.1/',
      'http://[fe80::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://100.64.0.1/',
    ]) {
      expect([url, refusal(() => lenient.checkUrl(url))]).toEqual([url, 'not_public']);
    }
    expect(refusal(() => lenient.checkUrl('http://a:b@127.0.0.1/'))).toBe('credentials');
    expect(refusal(() => lenient.checkUrl('ftp://127.0.0.1/'))).toBe('scheme');
  });
});

describe('a name', () => {
  it('is vetted to all of its addresses', async () => {
    const guard = new SsrfGuard({ allowPrivate: false, resolve: addresses('93.184.216.34', '2606:2800:220:1::1') });
    expect(await guard.vet('example.com')).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:2800:220:1::1', family: 6 },
    ]);
  });

  it.each([
    ['127.0.0.1'],
    ['93.184.216.34', '10.0.0.1'],
    ['93.184.216.34', '::1'],
    ['93.184.216.34', '::ffff:93.184.216.34'],
    ['169.254.169.254'],
  ])('is refused when one of its addresses is not public: %s %s', async (...list) => {
    const guard = new SsrfGuard({ allowPrivate: false, resolve: addresses(...list) });
    await expect(guard.vet('example.com')).rejects.toMatchObject({ refusal: 'not_public' });
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', 'a.b.localhost.'])(
    '%s is this machine, whatever a resolver says',
    async (name) => {
      await expect(strict.vet(name)).rejects.toMatchObject({ refusal: 'not_public' });
    },
  );

  it('without any address is an unknown name', async () => {
    await expect(new SsrfGuard({ allowPrivate: false, resolve: addresses() }).vet('example.com')).rejects.toThrow(
      NameNotResolvedError,
    );
  });

  it('that is an address is judged without a resolver', async () => {
    const guard = new SsrfGuard({ allowPrivate: false, resolve: () => Promise.reject(new Error('asked')) });
    expect(await guard.vet('8.8.8.8')).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await guard.vet('[2001:4860:4860::8888]')).toEqual([{ address: '2001:4860:4860::8888', family: 6 }]);
    await expect(guard.vet('[::1]')).rejects.toMatchObject({ refusal: 'not_public' });
  });
});
