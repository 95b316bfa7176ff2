/**
 * A prepared statement: its name is sent once per connection, so that PostgreSQL parses and plans it once.
 * Names are `<module>.<what>`. A connection keeps its plan, which is one for any values and for the tables as they were when it was made;
 * it must therefore go by an index even where a table was empty then (test/integration/kernel/plans.test.ts).
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const statements = new Map<string, Statement>();

/** @throws Error for a name that is taken: a mistake in the program, found when it is loaded */
export function statement(name: string, text: string): Statement {
  if (statements.has(name)) throw new Error(`two statements are called ${name}`);
  const prepared = { name, text };
  statements.set(name, prepared);
  return prepared;
}

/** All that have been made so far in this process. */
export function allStatements(): readonly Statement[] {
  return [...statements.values()];
}

/** Anything that runs SQL: a {@link Tx}, or a database outside any transaction. */
export interface Queryable {
  /** Runs one statement; `T` is the shape of a row. bigint columns come as `bigint`, timestamps as `Date`. */
  query<T = Record<string, unknown>>(sql: string | Statement, values?: readonly unknown[]): Promise<T[]>;
}

declare const transactionBrand: unique symbol;

/** An open transaction. Functions that must run inside one take it as their first argument; it is never ambient. */
export interface Tx extends Queryable {
  readonly [transactionBrand]: true;
  /** Runs `hook` once the transaction has committed; not at all if it rolls back. Hooks must not throw. */
  afterCommit(hook: () => void): void;
}
