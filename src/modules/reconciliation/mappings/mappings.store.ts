/** The house's own mappings: versions that never change. */
import type { Queryable } from '../../../kernel/database/tx.js';

export interface MappingRow {
  readonly name: string;
  readonly version: number;
  readonly produces: 'gateway_lines' | 'bank_lines';
  /** Null for a bank's. */
  readonly gateway: string | null;
  readonly content: unknown;
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

const MAPPING = `name, version, produces, gateway, content, created_by AS "createdBy", created_at AS "createdAt"`;

export type NewMapping = Omit<MappingRow, 'createdAt'>;

/** @returns undefined when somebody else has saved this version */
export async function insertMapping(queryable: Queryable, mapping: NewMapping): Promise<MappingRow | undefined> {
  const [row] = await queryable.query<MappingRow>(
    `INSERT INTO reconciliation.mapping (name, version, produces, gateway, content, created_by) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (name, version) DO NOTHING RETURNING ${MAPPING}`,
    [
      mapping.name,
      mapping.version,
      mapping.produces,
      mapping.gateway,
      JSON.stringify(mapping.content),
      mapping.createdBy,
    ],
  );
  return row;
}

/** @param version null: the newest */
export async function findMapping(
  queryable: Queryable,
  name: string,
  version: number | null,
): Promise<MappingRow | undefined> {
  const [row] = await queryable.query<MappingRow>(
    `SELECT ${MAPPING} FROM reconciliation.mapping WHERE name = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`,
    [name, version],
  );
  return row;
}

/** The newest of each name. */
export function newestMappings(queryable: Queryable): Promise<readonly MappingRow[]> {
  return queryable.query<MappingRow>(
    `SELECT DISTINCT ON (name) ${MAPPING} FROM reconciliation.mapping ORDER BY name, version DESC`,
  );
}
