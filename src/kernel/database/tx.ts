/**
 * A prepared statement: its name is sent once per connection, so that PostgreSQL parses and plans it once.
 * Two statements with one name and different text would be an error in pg; names are `<module>.<what>`.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export function statement(name: string, text: string): Statement {
  return { name, text };
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
