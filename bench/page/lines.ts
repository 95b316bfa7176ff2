/** Values over time: a line for each series. */
import type { Series } from '../series.js';
import type { Panel } from './panel.js';
import { linear, ticks } from './scale.js';
import { element, text } from './svg.js';

/** What runs along the bottom, and where it begins. */
export interface Axis {
  readonly label: string;
  readonly from: number;
}

/** All of one unit. */
export function lines(
  title: string,
  unit: string,
  series: readonly Pick<Series, 'name' | 'points'>[],
  { label, from }: Axis = { label: 'seconds', from: 0 },
): Panel {
  const points = series.flatMap((each) => each.points);
  const marks = ticks(Math.max(0, ...points.map(([x]) => x - from)), 8).map((each) => from + each);
  const last = marks.at(-1) ?? from + 1;
  return {
    title,
    unit,
    xLabel: label,
    series: series.map(({ name }) => name),
    drawnAs: 'line',
    top: Math.max(0, ...points.map(([, value]) => value)),
    draw: (plot) => {
      const xOf = linear([from, last], [plot.x, plot.x + plot.width]);
      const bottom = plot.y + plot.height;
      return [
        ...marks.flatMap((mark) => [
          element('line', { class: 'axis', x1: xOf(mark), x2: xOf(mark), y1: bottom, y2: bottom + 4 }),
          text(String(mark), { class: 'small middle', x: xOf(mark), y: bottom + 16 }),
        ]),
        ...series.map((each, index) =>
          element('polyline', {
            class: `line${index + 1}`,
            points: each.points.map(([x, value]) => `${xOf(x).toFixed(1)},${plot.yOf(value).toFixed(1)}`).join(' '),
          }),
        ),
      ];
    },
  };
}
