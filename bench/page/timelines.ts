/** Charts of the figures that carry time series: one below the other for each unit, or each four lines of it. */
import { z } from 'zod';
import type { Series } from '../series.js';
import { MAX_SERIES, type Chart } from './chart.js';
import { lines } from './lines.js';
import type { FoundFigure } from './result-file.js';

const seriesList = z.array(
  z.object({ name: z.string(), unit: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
);

/** Undefined where a figure has no series, or none with two points. */
export function timeline({ name, details }: FoundFigure): Chart | undefined {
  const parsed = seriesList.safeParse(details['series']);
  if (!parsed.success) return undefined;
  const drawable = parsed.data.filter(({ points }) => points.length > 1);
  if (drawable.length === 0) return undefined;
  return {
    name: name.replaceAll('.', '-'),
    description: `${name} over time: ${drawable.map((series) => series.name).join(', ')}`,
    columns: 1,
    panels: byUnit(drawable).map((group) => lines(titleOf(name, group), group[0].unit, group)),
  };
}

type Group = [Series, ...Series[]];

function byUnit(series: readonly Series[]): readonly Group[] {
  const groups: Group[] = [];
  for (const each of series) {
    const open = groups.find(([first, ...others]) => first.unit === each.unit && others.length + 1 < MAX_SERIES);
    if (open === undefined) groups.push([each]);
    else open.push(each);
  }
  return groups;
}

/** A line that stands alone has no legend, so the title names it. */
function titleOf(figure: string, group: Group): string {
  return group.length === 1 ? `${figure}: ${group[0].name}` : figure;
}
