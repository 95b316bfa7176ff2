/** Cells and headers as they are compared. */
import type { Column, Condition } from './mapping.js';

/** What a cell holds: spaces of any kind around it are not part of it, nor is the `="007"` by which spreadsheets keep zeros. */
export function cellText(cells: readonly string[], at: number): string {
  const text = (cells[at] ?? '').trim();
  if (text.charCodeAt(0) !== 0x3d) return text;
  const kept = /^="([^"]*)"$/.exec(text);
  return kept === null ? text : (kept[1] ?? '').trim();
}

/** How headers are compared: without case, accents, spaces and the signs that stand in for spaces. */
export function headerKey(header: string): string {
  return header
    .normalize('NFKD')
    .replace(/[\p{M}\s_\-.:\u200b\ufeff]+/gu, '')
    .toLowerCase();
}

/** How code words are compared. */
export function wordKey(word: string): string {
  return word.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Where a column stands in a file, from 0; -1 when it has none. */
export type FindColumn = (column: Column) => number;

export type RowTest = (cells: readonly string[]) => boolean;

/** @returns whether any of the conditions holds for a row. A column that the file lacks is empty in every row. */
export function compileConditions(conditions: readonly Condition[], find: FindColumn): RowTest {
  const compiled = conditions.map((condition) =>
    condition.map(({ column, is, values = [] }) => {
      const at = find(column);
      return { at, is, words: values.map(wordKey) };
    }),
  );
  return (cells) =>
    compiled.some((tests) =>
      tests.every(({ at, is, words }) => {
        const word = wordKey(cellText(cells, at));
        switch (is) {
          case 'empty':
            return word === '';
          case 'not_empty':
            return word !== '';
          case 'equal':
            return words.includes(word);
          case 'not_equal':
            return !words.includes(word);
          case 'beginning_with':
            return words.some((start) => word.startsWith(start));
          case 'containing':
            return words.some((part) => word.includes(part));
        }
      }),
    );
}
