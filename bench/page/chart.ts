/** A drawing of one or more panels, as a file of its own that follows the reader's light or dark colours. */
import { drawPanel, type Panel } from './panel.js';
import { element, escape } from './svg.js';

export interface Chart {
  /** Of the file, without its ending. */
  readonly name: string;
  /** For whoever cannot see it. */
  readonly description: string;
  readonly panels: readonly Panel[];
  /** Panels side by side; further ones go below. */
  readonly columns: 1 | 2;
}

/** Pixels; wider than it is ever shown, so that nothing is enlarged. */
const WIDTH = 760;
const HEIGHT = { 1: 260, 2: 280 } as const;

/** Told apart in light and dark, and by those who do not see red or green; as many as a panel may have series. */
const LIGHT = ['#0969da', '#bf5600', '#1a7f64', '#8250df'] as const;
const DARK = ['#58a6ff', '#f0883e', '#3fb99a', '#bc8cff'] as const;
const DASHES = ['none', '7 3', '2 3', '9 3 2 3'] as const;
export const MAX_SERIES = LIGHT.length;

export function draw({ description, panels, columns }: Chart): string {
  const width = WIDTH / columns;
  const height = HEIGHT[columns];
  const rows = Math.ceil(panels.length / columns);
  const drawn = panels.map((panel, index) =>
    drawPanel(panel, { x: (index % columns) * width, y: Math.floor(index / columns) * height, width, height }),
  );
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${rows * height}`,
    width: WIDTH,
    height: rows * height,
    role: 'img',
  };
  return `${element('svg', attributes, element('title', {}, escape(description)), `<style>${STYLE}</style>`, ...drawn)}\n`;
}

const colours = (palette: readonly string[]): string =>
  palette.map((colour, index) => `.fill${index + 1}{fill:${colour}}.line${index + 1}{stroke:${colour}}`).join('');

const STYLE = [
  'svg{color:#1f2328;font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}',
  'text{fill:currentColor}.title{font-size:14px;font-weight:600}.small{font-size:12px}',
  '.end{text-anchor:end}.middle{text-anchor:middle}',
  '.axis{stroke:currentColor;stroke-opacity:.6}.grid{stroke:currentColor;stroke-opacity:.15}',
  '.mark{stroke:currentColor;stroke-dasharray:5 4;stroke-opacity:.8}[class^=line]{fill:none;stroke-width:2;stroke-linejoin:round}',
  ...DASHES.map((dash, index) => `.line${index + 1}{stroke-dasharray:${dash}}`),
  colours(LIGHT),
  `@media (prefers-color-scheme:dark){svg{color:#e6edf3}${colours(DARK)}}`,
].join('');
