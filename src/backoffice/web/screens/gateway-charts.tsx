import { Stack, Text, useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, formatSeconds, formatShare } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { GatewaySteps } from './gateway-steps.js';
import { successOf, type Figures, type Step } from './gateway-words.js';

/** Of a chart, in CSS pixels: three of them are seen at once. */
const HEIGHT = 160;

/** Contrast of 3 at least against the page, in light and in dark. */
const COLOURS = {
  light: { line: '#1864ab', fill: '#1864ab22', second: '#c92a2a', axis: '#495057', grid: '#dee2e6' },
  dark: { line: '#74c0fc', fill: '#74c0fc22', second: '#ffa8a8', axis: '#ced4da', grid: '#424242' },
} as const;
type Colours = (typeof COLOURS)['light' | 'dark'];

interface Drawn {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly isSecond?: boolean;
}

/** One account over time: whoever does not see the lines finds the same numbers in the table. */
export function GatewayCharts({ figures }: { readonly figures: Figures }) {
  const t = useWords();
  const language = useLanguage();
  const words = t.gateways;
  const { series } = figures;
  const times = useMemo(() => series.map(({ at }) => Date.parse(at) / 1_000), [series]);
  const drawn = useMemo(() => {
    const of = (value: (step: Step) => number | null): readonly (number | null)[] => series.map(value);
    return {
      success: [{ label: words.success, values: of((step) => successOf(step) ?? null) }],
      volume: [
        { label: words.attempts, values: of(({ attempts }) => attempts) },
        { label: words.failed, values: of(({ failed }) => failed), isSecond: true },
      ],
      time: [{ label: words.p95, values: of((step) => step.p95_seconds) }],
    } satisfies Record<string, readonly Drawn[]>;
  }, [series, words]);
  return (
    <Stack gap="md">
      <Chart
        title={words.chartSuccess}
        times={times}
        drawn={drawn.success}
        top={1}
        write={(value) => formatShare(language, value)}
      />
      <Chart
        title={words.chartVolume}
        times={times}
        drawn={drawn.volume}
        write={(value) => formatNumber(language, value)}
      />
      <Chart
        title={words.chartTime}
        times={times}
        drawn={drawn.time}
        write={(value) => formatSeconds(language, value * 1_000)}
      />
      <GatewaySteps series={series} />
    </Stack>
  );
}

interface ChartProps {
  readonly title: string;
  /** In seconds since 1970. */
  readonly times: readonly number[];
  readonly drawn: readonly Drawn[];
  /** Where the scale ends; absent: above what there is. */
  readonly top?: number;
  readonly write: (value: number) => string;
}

function Chart({ title, times, drawn, top, write }: ChartProps) {
  const t = useWords();
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  // How values are written changes with the language alone, and a new chart then writes them so.
  const written = useRef(write);
  written.current = write;
  const points = drawn.reduce((sum, { values }) => sum + values.filter((value) => value !== null).length, 0);
  useEffect(() => {
    const { current: target } = place;
    if (target === null) return undefined;
    const options = optionsOf(drawn, COLOURS[scheme], target.clientWidth, top, (value) => written.current(value));
    const chart = new uPlot(options, [[...times], ...drawn.map(({ values }) => [...values])], target);
    const watcher = new ResizeObserver(() => chart.setSize({ width: target.clientWidth, height: HEIGHT }));
    watcher.observe(target);
    return () => {
      watcher.disconnect();
      chart.destroy();
    };
  }, [times, drawn, top, scheme]);
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <div ref={place} className="chart" role="img" aria-label={t.gateways.chartOf({ what: title, points })} />
    </div>
  );
}

function optionsOf(
  drawn: readonly Drawn[],
  colours: Colours,
  width: number,
  top: number | undefined,
  write: (value: number) => string,
): uPlot.Options {
  const axis = {
    stroke: colours.axis,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    scales: { y: { range: (_, __, max) => [0, top ?? Math.max(max * 1.1, 1)] } },
    axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(write) }],
    legend: { show: drawn.length > 1 },
    cursor: { drag: { x: false, y: false } },
    series: [
      {},
      ...drawn.map(({ label, isSecond = false }): uPlot.Series => ({
        label,
        stroke: isSecond ? colours.second : colours.line,
        ...(isSecond ? { dash: [4, 4] } : { fill: colours.fill }),
        width: 2,
        // A step with nothing on either side would not be seen otherwise.
        points: { show: true, size: 5 },
        value: (_, value: number | null) => (value === null ? '' : write(value)),
      })),
    ],
  };
}
