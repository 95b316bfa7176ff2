import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ALL_EVENTS } from '../contracts/index.js';
import { ERROR_REGISTRY } from '../kernel/errors/registry.js';
import { eventPages } from './event-pages.js';
import { differences, DOCS, writePages } from './generated-docs.js';
import { problemPages } from './problem-pages.js';

describe('generated documentation', () => {
  it('stands in the tree as the source would write it (npm run docs)', async () => {
    expect(await differences(path.join(DOCS, 'problems'), problemPages())).toEqual([]);
    expect(await differences(path.join(DOCS, 'events'), eventPages())).toEqual([]);
  });

  it('has a page for every problem and a page and a schema for every event', () => {
    const problems = Object.keys(ERROR_REGISTRY).map((code) => `${code}.md`);
    expect([...problemPages().keys()].toSorted()).toEqual(['README.md', ...problems].toSorted());
    const events = ALL_EVENTS.flatMap(({ type }) => [`${type}.md`, `${type}.json`]);
    expect([...eventPages().keys()].toSorted()).toEqual(['README.md', ...events].toSorted());
  });

  it('notices what is missing, out of date, or not generated any more, and puts it right', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sankofa-docs-'));
    try {
      const pages = new Map([
        ['a.md', 'a'],
        ['b.md', 'b'],
      ]);
      await writeFile(path.join(folder, 'b.md'), 'an older b');
      await writeFile(path.join(folder, 'c.md'), 'c');
      const expected = ['c.md is not generated any more', 'a.md is missing', 'b.md is out of date'];
      expect(await differences(folder, pages)).toEqual(expected);
      await writePages(folder, pages);
      expect(await differences(folder, pages)).toEqual([]);
      expect((await readdir(folder)).toSorted()).toEqual(['a.md', 'b.md']);
      expect(await readFile(path.join(folder, 'b.md'), 'utf8')).toBe('b');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is wholly missing where the folder is', async () => {
    const nowhere = path.join(os.tmpdir(), 'sankofa-docs-that-are-not-there');
    expect(await differences(nowhere, new Map([['a.md', 'a']]))).toEqual(['a.md is missing']);
  });
});
