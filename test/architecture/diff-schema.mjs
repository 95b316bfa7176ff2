/**
 * Prints how the database at DATABASE_URL differs from Prisma's models, as Prisma's own schema engine sees it (compiled to
 * WebAssembly: the native one is downloaded on first use). Tables without a model are not compared: they are used with
 * SQL only. node --experimental-wasm-modules diff-schema.mjs <folder of .prisma files>
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';

/** PostgreSQL's one-byte "char", in which the catalogue keeps its flags. */
const CHAR_OID = 18;

// Where the engine leaves its last words when it panics.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${message}\n`) };

/** The engine reads "char" columns of the catalogue, which the adapter refuses to; so they are renamed on the way. */
class CatalogPool extends pg.Pool {
  charColumns = new Map();

  async query(query, values) {
    const result = await super.query(query, values);
    const fields = (result.fields ?? []).filter((field) => field.dataTypeID === CHAR_OID);
    for (const field of fields) field.dataTypeID = pg.types.builtins.TEXT;
    this.charColumns.set(
      query.text,
      fields.map((field) => field.name),
    );
    return result;
  }
}

function adapterFactory(url) {
  const pool = new CatalogPool({ connectionString: url });
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const characters = pool.charColumns.get(query.sql) ?? [];
      const columnTypes = result.columnNames.map((name, index) =>
        characters.includes(name) ? ColumnTypeEnum.Character : result.columnTypes[index],
      );
      return { ...result, columnTypes };
    };
    return adapter;
  };
  return { factory, pool };
}

/** `schema.table` of every table that has no model. */
async function tablesWithoutModel(pool, models) {
  const { rows } = await pool.query({
    text: `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
            WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
  });
  return rows.map(({ name }) => name).filter((name) => !models.includes(name));
}

const [folder] = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.prisma'))
  .map((name) => ({ path: path.join(folder, name), content: readFileSync(path.join(folder, name), 'utf8') }));
const blocks = files.flatMap(({ content }) => content.match(/^model [\s\S]*?^}/gm) ?? []);
const models = blocks.map(
  (block) => `${/@@schema\("(.+?)"\)/.exec(block)?.[1]}.${/@@map\("(.+?)"\)/.exec(block)?.[1]}`,
);

const { factory, pool } = adapterFactory(process.env.DATABASE_URL);
const datamodels = files.map((file) => [file.path, file.content]);
const engine = await SchemaEngine.new({ datamodels }, () => undefined, bindMigrationAwareSqlAdapterFactory(factory));
const { stdout } = await engine.diff({
  from: { tag: 'schemaDatasource', files, configDir: folder },
  to: { tag: 'schemaDatamodel', files },
  script: false,
  exitCode: null,
  filters: { externalTables: await tablesWithoutModel(pool, models), externalEnums: [] },
});
process.stdout.write(`${JSON.stringify({ models, difference: stdout })}\n`, () => process.exit(0));
