/** A coordinate system with something in it; a chart has one or more of them. */
import { compact, linear, ticks } from './scale.js';
import { element, text } from './svg.js';

/** Pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is drawn in the coordinate system, knowing where values lie. */
export interface Panel {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  /** What the horizontal one counts. */
  readonly xLabel: string;
  /** As they are named in the legend; one that stands alone needs none. */
  readonly series: readonly string[];
  readonly drawnAs: 'fill' | 'line';
  /** The vertical axis reaches up to here at least. */
  readonly top: number;
  /** An aim, or what else the values are to be compared with. */
  readonly mark?: { readonly value: number; readonly label: string };
  draw(plot: Plot): readonly string[];
}

export interface Plot extends Box {
  yOf(value: number): number;
}

/** Room around the plot for what is written there. */
const LEFT = 58;
const RIGHT = 18;
const TOP = 52;
const BOTTOM = 48;
/** Between the plot and the line above it, on which unit and legend stand. */
const ABOVE = 14;
/** A character's width at the size of the legend, on average and generously. */
const CHARACTER = 6.8;
const SWATCH = { width: 14, height: 10, gap: 5, after: 10 } as const;

export function drawPanel(panel: Panel, box: Box): string {
  const marks = ticks(Math.max(panel.top, panel.mark?.value ?? 0));
  const plot: Box = {
    x: box.x + LEFT,
    y: box.y + TOP,
    width: box.width - LEFT - RIGHT,
    height: box.height - TOP - BOTTOM,
  };
  const yOf = linear([0, marks.at(-1) ?? 1], [plot.y + plot.height, plot.y]);
  const right = plot.x + plot.width;
  return element(
    'g',
    {},
    text(panel.title, { class: 'title', x: box.x + 8, y: box.y + 18 }),
    text(panel.unit, { class: 'small', x: box.x + 8, y: plot.y - ABOVE }),
    ...legend(panel, right, plot.y - ABOVE),
    ...marks.flatMap((value) => [
      element('line', { class: value === 0 ? 'axis' : 'grid', x1: plot.x, x2: right, y1: yOf(value), y2: yOf(value) }),
      text(compact(value), { class: 'small end', x: plot.x - 6, y: yOf(value) + 4 }),
    ]),
    ...panel.draw({ ...plot, yOf }),
    ...(panel.mark === undefined ? [] : [level('mark', plot.x, right, yOf(panel.mark.value))]),
    text(panel.xLabel, { class: 'small middle', x: plot.x + plot.width / 2, y: plot.y + plot.height + 34 }),
  );
}

function level(name: string, left: number, right: number, y: number): string {
  return element('line', { class: name, x1: left, x2: right, y1: y, y2: y });
}

/** On one line that ends at `right`: the series, if there are several, and the mark. */
function legend({ series, drawnAs, mark }: Panel, right: number, y: number): readonly string[] {
  const middle = y - SWATCH.height / 2 + 1;
  const { width, height } = SWATCH;
  const named = series.length < 2 ? [] : series.map((name, index) => ({ name, style: `${drawnAs}${index + 1}` }));
  const entries = [...named, ...(mark === undefined ? [] : [{ name: mark.label, style: 'mark' }])];
  const widths = entries.map(({ name }) => width + SWATCH.gap + name.length * CHARACTER + SWATCH.after);
  let x = right + SWATCH.after - widths.reduce((sum, each) => sum + each, 0);
  return entries.flatMap(({ name, style }, index) => {
    const at = x;
    x += widths[index] ?? 0;
    return [
      style.startsWith('fill')
        ? element('rect', { class: style, x: at, y: y - height + 1, width, height, rx: 2 })
        : level(style, at, at + width, middle),
      text(name, { class: 'small', x: at + width + SWATCH.gap, y }),
    ];
  });
}
