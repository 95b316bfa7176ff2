import { z } from 'zod';
import { CONSUMERS } from '../contracts/consumers.js';
import { ALL_EVENTS } from '../contracts/index.js';
import type { Pages } from './generated-docs.js';

const NOTICE = '<!-- Written by `npm run docs` from src/contracts. -->';

type Definition = (typeof ALL_EVENTS)[number];

/** docs/events: per event a JSON Schema of its payload and a page, and the list of all. */
export function eventPages(): Pages {
  const events = [...ALL_EVENTS].toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const index = [
    NOTICE,
    '# Events',
    '',
    'What the modules tell each other through the outbox, by `type`. Published events are never changed, only followed by',
    'a new version. Ids are UUIDs, amounts are integer minor units.',
    '',
    '| type | about | says |',
    '|---|---|---|',
    ...events.map(
      (event) => `| [\`${event.type}\`](${event.type}.md) | ${event.aggregateType} | ${event.description} |`,
    ),
    '',
  ];
  const pages = events.flatMap((event): [string, string][] => [
    [`${event.type}.json`, `${JSON.stringify(jsonSchemaOf(event), null, 2)}\n`],
    [`${event.type}.md`, pageOf(event)],
  ]);
  return new Map([['README.md', index.join('\n')], ...pages]);
}

function jsonSchemaOf(event: Definition): object {
  // As input, so that the schema does not forbid fields that a later reader does not know.
  const schema = z.toJSONSchema(event.schema, { io: 'input' });
  return { $id: `${event.type}.json`, title: event.type, description: event.description, ...schema };
}

function pageOf(event: Definition): string {
  const consumers = CONSUMERS.filter((consumer) => consumer.types.includes(event.type)).map(
    ({ name }) => `\`${name}\``,
  );
  const fields = Object.entries(event.schema.shape).map(([name, field]) => `| \`${name}\` | ${typeOf(field)} |`);
  return [
    NOTICE,
    `# ${event.type}`,
    '',
    event.description,
    '',
    `About a ${event.aggregateType.replaceAll('_', ' ')}. Consumed by ${consumers.length === 0 ? 'nobody yet' : consumers.join(', ')}.`,
    `The whole schema: [${event.type}.json](${event.type}.json).`,
    '',
    '| field | type |',
    '|---|---|',
    ...fields,
    '',
  ].join('\n');
}

/** A word or two for the table; the JSON Schema has the rest. */
function typeOf(field: z.ZodType): string {
  return describeSchema(z.toJSONSchema(field));
}

function describeSchema(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return 'anything';
  const { type, format, enum: values, anyOf, oneOf } = schema as Readonly<Record<string, unknown>>;
  const choices = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(choices)) return [...new Set(choices.map(describeSchema))].join(' or ');
  if (Array.isArray(values)) return values.map((value) => `\`${String(value)}\``).join(', ');
  if (typeof format === 'string') return format;
  return typeof type === 'string' ? type : 'anything';
}
