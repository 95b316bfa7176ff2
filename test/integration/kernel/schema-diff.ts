/**
 * How a migrated database differs from prisma/schema, by Prisma's own schema engine. Its WebAssembly build is used, since
 * the native one is downloaded at its first use and a test must do without the network.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as engineGlue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const SCHEMA_FOLDER = path.resolve(import.meta.dirname, '../../../prisma/schema');

/** PostgreSQL's one-byte "char", in which the catalogue keeps its flags. */
const CHAR_OID = 18;

/** Whatever `diff` says when there is nothing to say. */
export const NO_DIFFERENCE = 'No difference detected.';

interface SchemaFile {
  readonly path: string;
  readonly content: string;
}

function schemaFiles(): SchemaFile[] {
  const names = readdirSync(SCHEMA_FOLDER).filter((name) => name.endsWith('.prisma'));
  return names.sort().map((name) => ({ path: name, content: readFileSync(path.join(SCHEMA_FOLDER, name), 'utf8') }));
}

/** The database schemas that Prisma is told of; the engine is blind to all others. */
export function knownSchemas(): string[] {
  const text = schemaFiles()
    .map((file) => file.content)
    .join('\n');
  const list = /^\s*schemas\s*=\s*\[([^\]]*)\]/m.exec(text)?.[1] ?? '';
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
}

/** Of WebAssembly's interface what is used here; TypeScript knows the whole of it only together with a browser. */
declare const WebAssembly: {
  instantiate(
    binary: Buffer,
    imports: Readonly<Record<string, object>>,
  ): Promise<{
    readonly instance: { readonly exports: Readonly<Record<string, unknown>> };
  }>;
};

let loaded: Promise<typeof engineGlue.SchemaEngine> | undefined;

/** Once per process: the glue keeps views of the memory of the first instance it is given. */
function schemaEngine(): Promise<typeof engineGlue.SchemaEngine> {
  loaded ??= loadEngine();
  return loaded;
}

/** Node loads WebAssembly as a module only behind a flag, so the two halves of the package are joined here. */
async function loadEngine(): Promise<typeof engineGlue.SchemaEngine> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const binary = readFileSync(path.join(path.dirname(entry), 'schema_engine_bg.wasm'));
  const glue: Record<string, unknown> = { ...engineGlue };
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': glue });
  const { exports } = instance;
  // Where the engine leaves its last words when it panics.
  const setMessage = (message: string): never => {
    throw new Error(`the schema engine panicked: ${message}`);
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: setMessage } });
  (glue['__wbg_set_wasm'] as (exports: object) => void)(exports);
  (exports['__wbindgen_start'] as () => void)();
  return engineGlue.SchemaEngine;
}

/**
 * The engine reads "char" columns, which the adapter refuses because it knows no such type: their type is changed to text
 * before the adapter sees it, and to a character after it.
 */
function catalogAdapter(pool: pg.Pool): PrismaPg {
  const characterColumns = new Map<string, ReadonlySet<string>>();
  const plainQuery = pool.query.bind(pool) as (query: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>;
  const query = async (config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult> => {
    const result = await plainQuery(config);
    const characters = result.fields.filter((field) => field.dataTypeID === CHAR_OID);
    for (const field of characters) field.dataTypeID = pg.types.builtins.TEXT;
    characterColumns.set(config.text, new Set(characters.map((field) => field.name)));
    return result;
  };
  Object.assign(pool, { query });

  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (statement) => {
      const result = await queryRaw(statement);
      const characters = characterColumns.get(statement.sql);
      const typeOf = (name: string, index: number) =>
        characters?.has(name) === true ? ColumnTypeEnum.Character : (result.columnTypes[index] ?? ColumnTypeEnum.Text);
      return { ...result, columnTypes: result.columnNames.map(typeOf) };
    };
    return adapter;
  };
  return factory;
}

/**
 * What would have to change in the database for it to be what the models describe: Prisma's summary, or
 * {@link NO_DIFFERENCE}. Partitions are left out (their parent stands for them). The engine itself does not compare what
 * models cannot say: partial and expression indexes, checks, functions, rights.
 */
export async function schemaDifference(databaseUrl: string): Promise<string> {
  const files = schemaFiles();
  const SchemaEngine = await schemaEngine();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  try {
    const partitions = await pool.query<{ name: string }>(
      `SELECT relnamespace::regnamespace || '.' || relname AS name FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')`,
    );
    const datamodels = files.map((file): [string, string] => [file.path, file.content]);
    const factory = bindMigrationAwareSqlAdapterFactory(catalogAdapter(pool));
    const engine = await SchemaEngine.new({ datamodels }, () => undefined, factory);
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: SCHEMA_FOLDER },
      to: { tag: 'schemaDatamodel', files },
      script: false,
      exitCode: true,
      filters: { externalTables: partitions.rows.map((row) => row.name), externalEnums: [] },
    });
    return result.stdout?.trim() ?? '';
  } finally {
    await pool.end();
  }
}
