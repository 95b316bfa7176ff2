/** A file of each kind, and what it was read as: golden/. The expected side was checked by eye, line by line, against the file. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { readBankCsv, readCamt053, readGatewayCsv, SHIPPED_BANK_MAPPINGS, SHIPPED_GATEWAY_MAPPINGS } from './index.js';
import type { ByteSource, ReadStep } from './index.js';
import { pieces, readAll } from './testing/read-all.js';

const golden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url));

type Read = (source: ByteSource) => AsyncIterable<ReadStep<unknown>>;
const files: [string, Read][] = [
  ...SHIPPED_GATEWAY_MAPPINGS.map((mapping): [string, Read] => [
    `${mapping.id}.csv`,
    (source) => readGatewayCsv(source, mapping),
  ]),
  ...SHIPPED_BANK_MAPPINGS.map((mapping): [string, Read] => [
    `${mapping.id}.csv`,
    (source) => readBankCsv(source, mapping),
  ]),
  ['camt053-02.xml', readCamt053],
  ['camt053-06-prefixed.xml', readCamt053],
  ['camt053-08.xml', readCamt053],
];

/** Amounts as text, since JSON has no bigint. */
const shown = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value} minor` : value);

describe.each(files)('%s', (name, read) => {
  it('is read as it was read before', async () => {
    const result: unknown = JSON.parse(JSON.stringify(await readAll(read(pieces(golden(name)))), shown));
    expect(result).toEqual(JSON.parse(golden(name.replace(/\.\w+$/, '.json')).toString()));
  });

  it('is read the same wherever it is cut', async () => {
    const whole = await readAll(read(pieces(golden(name))));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (size) => {
        expect(await readAll(read(pieces(golden(name), size)))).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });
});
