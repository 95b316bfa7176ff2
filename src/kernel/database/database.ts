import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/client.js';
import { crashPoint } from '../crash-points/crash-points.js';
import { ONE_MOMENT, TenantPool, tenantRoleOf, type Reader, type Tenant, type TenantScope } from './tenant-scope.js';
import type { Queryable, Statement, Tx } from './tx.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Who uses it: a module or a part of the kernel. Names the role, and shows in pg_stat_activity. */
  readonly owner: string;
  readonly poolSize: number;
  /** Told about connections lost while idle; PostgreSQL restarts look like this. */
  readonly onIdleError?: (error: Error) => void;
}

/** How long a caller waits for a free or new connection before it is told that the database is not available. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that nothing used for this long is given back to the server. */
const IDLE_TIMEOUT_MS = 60_000;
/** Connections are renewed now and then, and with them the plans they keep, which fit the tables as they were then. */
const MAX_LIFETIME_SECONDS = 600;
/** No statement of ours should take longer; one that does is stuck, and would hold locks. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A transaction whose process froze must not hold its locks and the outbox's horizon for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;

/**
 * Prepared statements are planned once and the plan is kept. One that is planned while a table is still empty would scan it, and go
 * on doing so when it holds millions, until statistics are gathered; every query of ours has an index to go by, so scanning is made
 * the last resort. Just-in-time compilation costs more than any of our statements takes.
 */
export const PLANNER_SETTINGS = '-c enable_seqscan=off -c jit=off';

/** bigint columns are read as `bigint`: a JavaScript number would lose digits beyond 2^53. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (oid === pg.types.builtins.INT8 && format !== 'binary') return BigInt;
    return pg.types.getTypeParser(oid, format);
  },
};

/** Stands for SQL's null where Prisma writes jsonb; null itself would be a null of JSON. */
export const SQL_NULL = Prisma.DbNull;

/**
 * The PostgreSQL role under which an owner works: it has rights in its own schema and, on the outbox and inbox, INSERT
 * and SELECT. The login user is a member of every role and takes one on per connection, so one DATABASE_URL suffices.
 */
export function roleOf(owner: string): string {
  return `sankofa_${owner}`;
}

class PoolTx {
  private readonly hooks: (() => void)[] = [];
  constructor(private readonly client: pg.PoolClient) {}

  async query<T = Record<string, unknown>>(sql: string | Statement, values: readonly unknown[] = []): Promise<T[]> {
    const result = await this.client.query(
      typeof sql === 'string' ? { text: sql, values: [...values] } : { ...sql, values: [...values] },
    );
    return result.rows as T[];
  }

  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  committed(): void {
    for (const hook of this.hooks) hook();
  }
}

function openPool(options: DatabaseOptions, role: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: role.replace('_', ' '),
    options: `-c role=${role} ${PLANNER_SETTINGS}`,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  // A new connection may be ended in the packet that says it is ready, before whoever asked for it can listen: an error that finds
  // no listener would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => options.onIdleError?.(error));
  return pool;
}

/**
 * One owner's way into PostgreSQL: a pool under the owner's role, a unit of work with an explicit `tx`, and Prisma over
 * the same pool for lists, configuration and administration.
 */
export class Database implements Reader {
  readonly owner: string;
  readonly pool: pg.Pool;
  private prismaClient: PrismaClient | undefined;
  private tenants: TenantPool | undefined;

  constructor(private readonly options: DatabaseOptions) {
    this.owner = options.owner;
    this.pool = openPool(options, roleOf(options.owner));
  }

  /**
   * What a merchant may see, for what is answered to them: PostgreSQL shows no row of anybody else. On connections of their own, made on first use.
   */
  asTenant(tenant: Tenant): TenantScope {
    this.tenants ??= new TenantPool(openPool(this.options, tenantRoleOf(this.owner)));
    return this.tenants.scope(tenant);
  }

  /** Of tenants, once something has been read for one. */
  get tenantPool(): pg.Pool | undefined {
    return this.tenants?.pool;
  }

  /** Prisma under this owner's role. Made on first use: most processes never list anything for most modules. */
  get prisma(): PrismaClient {
    this.prismaClient ??= new PrismaClient({ adapter: new PrismaPg(this.pool) });
    return this.prismaClient;
  }

  /** One statement in a transaction of its own. */
  async query<T = Record<string, unknown>>(sql: string | Statement, values: readonly unknown[] = []): Promise<T[]> {
    const result = await this.pool.query(
      typeof sql === 'string' ? { text: sql, values: [...values] } : { ...sql, values: [...values] },
    );
    return result.rows as T[];
  }

  inOneMoment<T>(read: (moment: Queryable) => Promise<T>): Promise<T> {
    return this.transaction(async (tx) => {
      await tx.query(`SET TRANSACTION ${ONE_MOMENT}`);
      return read(tx);
    });
  }

  /**
   * Runs `work` in one transaction (read committed) and commits, or rolls back if it throws. Network calls never happen inside.
   * When COMMIT itself fails because the connection died, whether it took effect is not known: callers must be idempotent.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tx = new PoolTx(client);
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const result = await work(tx as unknown as Tx);
      crashPoint('database.before_commit');
      await client.query('COMMIT');
      crashPoint('database.after_commit');
      tx.committed();
      return result;
    } catch (error) {
      try {
        await client.query('ROLLBACK');
      } catch (rollbackError) {
        // The connection is of no use any more; the server rolls back by itself when it is closed.
        broken ??= rollbackError instanceof Error ? rollbackError : new Error('rollback failed');
      }
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  /**
   * Runs `work` and takes it back: whether it could be done now, by the errors that it would end with. Nothing of it is seen by anybody, and its
   * hooks after the commit do not run.
   */
  async rehearse(work: (tx: Tx) => Promise<void>): Promise<void> {
    const takenBack = new Error('rehearsed');
    try {
      await this.transaction(async (tx) => {
        await work(tx);
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
  }

  async close(): Promise<void> {
    await this.prismaClient?.$disconnect();
    await this.tenants?.close();
    if (!this.pool.ended) await this.pool.end();
  }
}
