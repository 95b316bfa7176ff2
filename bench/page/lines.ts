/** Values over time: a line for each series. */
import type { Series } from '../series.js';
import type { Panel } from './panel.js';
import { linear, ticks } from './scale.js';
import { element, text } from './svg.js';

/** All of one unit. */
export function lines(title: string, unit: string, series: readonly Series[]): Panel {
  const points = series.flatMap((each) => each.points);
  const seconds = ticks(Math.max(0, ...points.map(([second]) => second)), 8);
  const last = seconds.at(-1) ?? 1;
  return {
    title,
    unit,
    xLabel: 'seconds',
    series: series.map(({ name }) => name),
    drawnAs: 'line',
    top: Math.max(0, ...points.map(([, value]) => value)),
    draw: (plot) => {
      const xOf = linear([0, last], [plot.x, plot.x + plot.width]);
      const bottom = plot.y + plot.height;
      return [
        ...seconds.flatMap((second) => [
          element('line', { class: 'axis', x1: xOf(second), x2: xOf(second), y1: bottom, y2: bottom + 4 }),
          text(String(second), { class: 'small middle', x: xOf(second), y: bottom + 16 }),
        ]),
        ...series.map((each, index) =>
          element('polyline', {
            class: `line${index + 1}`,
            points: each.points
              .map(([second, value]) => `${xOf(second).toFixed(1)},${plot.yOf(value).toFixed(1)}`)
              .join(' '),
          }),
        ),
      ];
    },
  };
}
