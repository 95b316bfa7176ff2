import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';
import type { Queryable, Statement } from './tx.js';

/** Whose rows: a merchant, in test or live mode. */
export interface Tenant {
  readonly merchantId: string;
  readonly livemode: boolean;
}

/** What reads: a database, for whoever works for all merchants; or a {@link TenantScope}. */
export interface Reader extends Queryable {
  readonly prisma: PrismaClient;
  /** Several statements see the same rows, and change none. */
  inOneMoment<T>(read: (moment: Queryable) => Promise<T>): Promise<T>;
}

/** Modules that have such a role: those that answer merchants. */
export const TENANT_MODULES = ['payments', 'notification', 'ledger', 'routing'] as const;

/** The transaction of {@link Reader.inOneMoment}. */
export const ONE_MOMENT = 'ISOLATION LEVEL REPEATABLE READ, READ ONLY';

/** The PostgreSQL role under which a module reads what it answers to a merchant. It can read, and nothing else. */
export function tenantRoleOf(owner: string): string {
  return `sankofa_${owner}_tenant`;
}

/**
 * Connections on which PostgreSQL itself shows the rows of one merchant in one mode (row-level security), also to a query that forgets to ask for them
 * alone. For what is answered to merchants.
 */
export class TenantPool {
  private prismaClient: PrismaClient | undefined;
  /** For whom a connection was used last: a merchant who asks again need not be said again. */
  private readonly tenantOf = new WeakMap<pg.PoolClient, string>();

  constructor(readonly pool: pg.Pool) {}

  scope(tenant: Tenant): TenantScope {
    return new TenantScope(this, tenant);
  }

  query<T>(tenant: Tenant, sql: string | Statement, values: readonly unknown[]): Promise<T[]> {
    return this.connected(tenant, (client) => ask<T>(client, sql, values));
  }

  inOneMoment<T>(tenant: Tenant, read: (moment: Queryable) => Promise<T>): Promise<T> {
    return this.connected(tenant, async (client) => {
      await client.query(`BEGIN ${ONE_MOMENT}`);
      try {
        return await read({ query: (sql, values = []) => ask(client, sql, values) });
      } finally {
        // Nothing was written, so that there is nothing to keep: also what PostgreSQL refused ends so.
        await client.query('ROLLBACK');
      }
    });
  }

  private async connected<T>(
    { merchantId, livemode }: Tenant,
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      const name = `${merchantId} ${livemode}`;
      if (this.tenantOf.get(client) !== name) {
        this.tenantOf.delete(client);
        await client.query({ ...become, values: [merchantId, String(livemode), false] });
        this.tenantOf.set(client, name);
      }
      return await work(client);
    } catch (error) {
      // One that PostgreSQL answered leaves the connection as it was.
      if (!(error instanceof pg.DatabaseError)) broken = error instanceof Error ? error : new Error('query failed');
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Prisma on the same connections: each of its questions in a transaction that says first for whom it is. */
  prismaFor({ merchantId, livemode }: Tenant): PrismaClient {
    const base = (this.prismaClient ??= new PrismaClient({ adapter: new PrismaPg(this.pool) }));
    const scoped = base.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const [, result] = await base.$transaction([
              base.$queryRaw`SELECT set_config('sankofa.merchant_id', ${merchantId}, true), set_config('sankofa.livemode', ${String(livemode)}, true)`,
              query(args),
            ]);
            return result;
          },
        },
      },
    });
    // An extension that adds nothing has the models of the client itself.
    return scoped as unknown as PrismaClient;
  }

  async close(): Promise<void> {
    await this.prismaClient?.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }
}

async function ask<T>(client: pg.PoolClient, sql: string | Statement, values: readonly unknown[]): Promise<T[]> {
  const asked = typeof sql === 'string' ? { text: sql } : sql;
  return (await client.query({ ...asked, values: [...values] })).rows as T[];
}

const become: Statement = {
  name: 'kernel.become_tenant',
  text: `SELECT set_config('sankofa.merchant_id', $1, $3), set_config('sankofa.livemode', $2, $3)`,
};

/** One merchant's view of a module's tables. */
export class TenantScope implements Reader {
  private scopedPrisma: PrismaClient | undefined;

  constructor(
    private readonly pool: TenantPool,
    private readonly tenant: Tenant,
  ) {}

  get prisma(): PrismaClient {
    this.scopedPrisma ??= this.pool.prismaFor(this.tenant);
    return this.scopedPrisma;
  }

  query<T = Record<string, unknown>>(sql: string | Statement, values: readonly unknown[] = []): Promise<T[]> {
    return this.pool.query<T>(this.tenant, sql, values);
  }

  inOneMoment<T>(read: (moment: Queryable) => Promise<T>): Promise<T> {
    return this.pool.inOneMoment(this.tenant, read);
  }
}
