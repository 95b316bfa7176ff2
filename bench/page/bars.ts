/** Values side by side: a group for each category, in it a bar for each series, with its value above it. */
import type { Panel, Plot } from './panel.js';
import { compact } from './scale.js';
import { element, text } from './svg.js';

export interface BarSeries {
  readonly name: string;
  /** One per category; undefined where it was not measured. */
  readonly values: readonly (number | undefined)[];
}

export interface Bars extends Pick<Panel, 'title' | 'unit' | 'xLabel'> {
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  readonly mark?: Panel['mark'];
}

/** Of a group's width; the rest keeps groups apart. */
const FILLED = 0.72;
const MAX_BAR_WIDTH = 64;
const GAP = 2;
/** For the value above the highest bar. */
const HEADROOM = 1.08;

export function bars({ categories, series, mark, ...axes }: Bars): Panel {
  const values = series.flatMap((each) => each.values).filter((value) => value !== undefined);
  return {
    ...axes,
    ...(mark === undefined ? {} : { mark }),
    series: series.map(({ name }) => name),
    drawnAs: 'fill',
    top: Math.max(0, ...values) * HEADROOM,
    draw: (plot) =>
      categories.flatMap((category, index) => {
        const width = plot.width / categories.length;
        const center = plot.x + width * (index + 0.5);
        return [
          text(category, { class: 'small middle', x: center, y: plot.y + plot.height + 16 }),
          ...group(series, index, { plot, center, width }),
        ];
      }),
  };
}

function group(
  series: readonly BarSeries[],
  index: number,
  { plot, center, width }: { readonly plot: Plot; readonly center: number; readonly width: number },
): readonly string[] {
  const barWidth = Math.min(MAX_BAR_WIDTH, (width * FILLED) / series.length);
  const left = center - (barWidth * series.length) / 2;
  return series.flatMap(({ values }, position) => {
    const value = values[index];
    if (value === undefined) return [];
    const x = left + barWidth * position;
    const y = plot.yOf(value);
    return [
      element('rect', {
        class: `fill${position + 1}`,
        x: x + GAP / 2,
        y,
        width: barWidth - GAP,
        height: plot.y + plot.height - y,
        rx: 2,
      }),
      text(compact(value), { class: 'small middle', x: x + barWidth / 2, y: y - 5 }),
    ];
  });
}
