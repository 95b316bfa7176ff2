/** Which mappings there are: those that are shipped, and the house's own in versions. */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Database } from '../../../kernel/database/database.js';
import { DomainError, type FieldError } from '../../../kernel/errors/domain-error.js';
import { csvMappingSchema, SHIPPED_BANK_MAPPINGS, SHIPPED_GATEWAY_MAPPINGS, type CsvMapping } from '../files/index.js';
import { findMapping, insertMapping, newestMappings, type MappingRow } from './mappings.store.js';

/** All of a gateway's are tried on the head of a file, at a few milliseconds each. */
const MAX_NAMES = 100;

/** A mapping as files are read by it. */
export interface KnownMapping {
  /** `paystack` of a shipped one, `our_export@3` of an own one. */
  readonly id: string;
  /** Null for a bank's. */
  readonly gateway: string | null;
  /** Its id is {@link id}. */
  readonly mapping: CsvMapping;
  /** Undefined for a shipped one. */
  readonly own: Pick<MappingRow, 'name' | 'version' | 'createdAt'> | undefined;
}

const shipped: readonly KnownMapping[] = [
  ...SHIPPED_GATEWAY_MAPPINGS.map((mapping) => ({ id: mapping.id, gateway: mapping.id, mapping, own: undefined })),
  ...SHIPPED_BANK_MAPPINGS.map((mapping) => ({ id: mapping.id, gateway: null, mapping, own: undefined })),
];

/** What was checked when it was saved is read as it is by whatever version of the schema is in force. */
function knownMapping(row: MappingRow): KnownMapping {
  const id = `${row.name}@${row.version}`;
  return { id, gateway: row.gateway, mapping: { ...csvMappingSchema.parse(row.content), id }, own: row };
}

/** The newest version of each; the house's own first. */
export async function everyMapping(database: Database): Promise<readonly KnownMapping[]> {
  return [...(await newestMappings(database)).map(knownMapping), ...shipped];
}

/**
 * @param id with or without a version
 * @throws {DomainError} `reconciliation.mapping_not_found`
 */
export async function mappingOf(database: Database, id: string): Promise<KnownMapping> {
  const known = shipped.find((mapping) => mapping.id === id);
  if (known !== undefined) return known;
  const [, name, version] = /^([a-z][a-z0-9_]{0,63})(?:@([1-9]\d{0,8}))?$/.exec(id) ?? [];
  const row =
    name === undefined ? undefined : await findMapping(database, name, version === undefined ? null : Number(version));
  if (row === undefined) throw new DomainError('reconciliation.mapping_not_found');
  return knownMapping(row);
}

/**
 * Saves a version. The same content as the newest is the newest.
 * @throws {DomainError} `request.invalid`, `reconciliation.mapping_conflict`
 */
export async function saveMapping(
  database: Database,
  asked: { readonly gateway: string | null; readonly mapping: unknown; readonly createdBy: string | null },
): Promise<KnownMapping> {
  const parsed = csvMappingSchema.safeParse(asked.mapping);
  if (!parsed.success) throw new DomainError('request.invalid', { errors: errorsOf(parsed.error) });
  const content = parsed.data;
  if ((asked.gateway === null) !== (content.produces === 'bank_lines'))
    throw new DomainError('request.invalid', {
      errors: [
        { pointer: '/gateway', code: 'produces', detail: 'is needed where gateway_lines are read, and only there' },
      ],
    });
  if (shipped.some(({ id }) => id === content.id)) throw conflict('A mapping of this id is shipped with the program.');
  const newest = await findMapping(database, content.id, null);
  if (newest !== undefined && (newest.gateway !== asked.gateway || newest.produces !== content.produces))
    throw conflict(`A mapping of this id reads ${newest.gateway ?? 'bank statements'}.`);
  if (newest !== undefined && isDeepStrictEqual(csvMappingSchema.parse(newest.content), content))
    return knownMapping(newest);
  if (newest === undefined && (await newestMappings(database)).length >= MAX_NAMES)
    throw new DomainError('request.invalid', {
      errors: [{ pointer: '/mapping/id', code: 'too_many', detail: `there are ${MAX_NAMES} already` }],
    });
  const row = await insertMapping(database, {
    name: content.id,
    version: (newest?.version ?? 0) + 1,
    produces: content.produces,
    gateway: asked.gateway,
    content,
    createdBy: asked.createdBy,
  });
  if (row === undefined) throw conflict('Somebody else has saved a version at the same moment.');
  return knownMapping(row);
}

const conflict = (detail: string): DomainError => new DomainError('reconciliation.mapping_conflict', { detail });

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

function errorsOf(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const pointer = `/mapping${issue.path.map((part) => `/${escaped(String(part))}`).join('')}`;
    if (issue.code !== 'unrecognized_keys') return [{ pointer, code: issue.code, detail: issue.message }];
    const detail = 'nothing of this name is known here';
    return issue.keys.map((key) => ({ pointer: `${pointer}/${escaped(key)}`, code: 'unknown_field', detail }));
  });
}
