import { draw } from '../../../bench/page/chart.js';
import { bars } from '../../../bench/page/bars.js';
import { markdownTable } from '../../../bench/page/markdown.js';
import { compact, linear, ticks } from '../../../bench/page/scale.js';
import { timeline } from '../../../bench/page/timelines.js';

describe('the ticks of an axis', () => {
  it.each([
    [4_600, [0, 1_000, 2_000, 3_000, 4_000, 5_000]],
    [0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [10, [0, 2, 4, 6, 8, 10]],
    [1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
  ])('are round and reach %d', (max, expected) => {
    expect(ticks(max)).toEqual(expected);
  });

  it('are there when all values are zero', () => {
    expect(ticks(0)).toEqual([0, 1]);
  });
});

describe('a value on an axis', () => {
  it.each([
    [0, '0'],
    [82.16, '82.2'],
    [999, '999'],
    [999.7, '1 k'],
    [1_250, '1.25 k'],
    [10_000_000, '10 M'],
  ])('%d is written %s', (value, expected) => {
    expect(compact(value)).toBe(expected);
  });

  it('lies where its share of the range is, upside down as well', () => {
    const y = linear([0, 200], [100, 0]);
    expect([0, 50, 200].map(y)).toEqual([100, 75, 0]);
  });
});

describe('a chart', () => {
  const panel = bars({
    title: 'Accepted & booked',
    unit: 'payments/s',
    xLabel: 'processes',
    categories: ['1', '2'],
    series: [{ name: 'only one', values: [100, undefined] }],
  });
  const svg = draw({ name: 'x', description: 'a < b', columns: 1, panels: [panel] });

  it('has a bar for what was measured, with its value, and none for what was not', () => {
    expect(svg.match(/<rect class="fill1"/g)).toHaveLength(1);
    expect(svg).toContain('>100</text>');
  });

  it('keeps to the text what is in a text', () => {
    expect(svg).toContain('<title>a &lt; b</title>');
    expect(svg).toContain('Accepted &amp; booked');
  });
});

describe('a timeline', () => {
  const figure = { name: 'spike.rate', value: 1, unit: 'payments/s', ratio: null, ratio_to: '', aim: null, run: 1 };
  const series = (name: string, unit: string) => ({
    name,
    unit,
    points: [
      [0, 1],
      [1, 2],
    ],
  });

  it('has a panel for each unit', () => {
    const details = { series: [series('offered', '/s'), series('memory', 'MiB'), series('accepted', '/s')] };
    const chart = timeline({ ...figure, details });
    expect(chart?.panels.map(({ unit, series: names }) => [unit, names])).toEqual([
      ['/s', ['offered', 'accepted']],
      ['MiB', ['memory']],
    ]);
  });

  it('is none where a figure has no series', () => {
    expect(timeline({ ...figure, details: { series: 'none' } })).toBeUndefined();
  });
});

test('a table of Markdown has columns of one width', () => {
  expect(markdownTable(['a', 'b'], [['wide cell', 'x|y']])).toBe(
    ['| a         | b    |', '| --------- | ---- |', '| wide cell | x\\|y |'].join('\n'),
  );
});
