/** Endpoints and their secrets: configuration, so lists are Prisma and only what needs a lock is SQL. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import type { Database } from '../../kernel/database/database.js';
import type { Sealed } from '../../kernel/secrets/vault.js';
import { addSecret, deleteSecrets, FIRST_GENERATION, insertSecret } from './endpoint-secrets.store.js';
import type { ListWindow } from './list-cursor.js';

export interface EndpointRow {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  readonly status: string;
  readonly disabledReason: string | null;
  readonly failingSince: Date | null;
  readonly createdAt: Date;
}

/** Whose endpoints: every statement here is bound to it. */
export interface Owner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

export interface NewEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  /** Of the first generation. */
  readonly secret: Sealed;
}

const COLUMNS = `id, merchant_id AS "merchantId", livemode, url, description, events, status, disabled_reason AS "disabledReason",
  failing_since AS "failingSince", created_at AS "createdAt"`;

@Injectable()
export class EndpointsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('notification');
  }

  /** @returns undefined when the owner has `limit` endpoints already */
  async insert(owner: Owner, endpoint: NewEndpoint, limit: number): Promise<EndpointRow | undefined> {
    return this.database.transaction(async (tx) => {
      // Counting is only right while nobody else adds one for this merchant.
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [
        `notification.endpoints ${owner.merchantId}`,
        owner.livemode ? 1 : 0,
      ]);
      const [row] = await tx.query<EndpointRow>(
        `INSERT INTO notification.endpoint (id, merchant_id, livemode, url, description, events)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE (SELECT count(*) FROM notification.endpoint WHERE merchant_id = $2 AND livemode = $3 AND status <> 'deleted') < $7
         RETURNING ${COLUMNS}`,
        [endpoint.id, owner.merchantId, owner.livemode, endpoint.url, endpoint.description, endpoint.events, limit],
      );
      if (row !== undefined) await insertSecret(tx, endpoint.id, FIRST_GENERATION, endpoint.secret);
      return row;
    });
  }

  list(owner: Owner, window: ListWindow): Promise<EndpointRow[]> {
    return this.database.asTenant(owner).prisma.notificationEndpoint.findMany({
      ...window,
      where: { ...window.where, merchantId: owner.merchantId, livemode: owner.livemode, status: { not: 'deleted' } },
    });
  }

  async find(owner: Owner, id: string): Promise<EndpointRow | undefined> {
    const row = await this.database.asTenant(owner).prisma.notificationEndpoint.findFirst({
      where: { id, merchantId: owner.merchantId, livemode: owner.livemode, status: { not: 'deleted' } },
    });
    return row ?? undefined;
  }

  /** Deletes the secrets and keeps the row, at which deliveries point. @returns false when there is no such endpoint */
  async remove(owner: Owner, id: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query(
        `UPDATE notification.endpoint SET status = 'deleted', disabled_reason = NULL, disabled_at = NULL, failing_since = NULL
         WHERE id = $1 AND merchant_id = $2 AND livemode = $3 AND status <> 'deleted' RETURNING id`,
        [id, owner.merchantId, owner.livemode],
      );
      if (rows.length > 0) await deleteSecrets(tx, id);
      return rows.length > 0;
    });
  }

  async enable(owner: Owner, id: string): Promise<EndpointRow | undefined> {
    const [row] = await this.database.query<EndpointRow>(
      `UPDATE notification.endpoint SET status = 'enabled', disabled_reason = NULL, disabled_at = NULL, failing_since = NULL, throttled_until = NULL
       WHERE id = $1 AND merchant_id = $2 AND livemode = $3 AND status <> 'deleted' RETURNING ${COLUMNS}`,
      [id, owner.merchantId, owner.livemode],
    );
    return row;
  }

  /**
   * Adds a secret; the one before stays valid for a day, older ones go.
   * @param seal it, for its generation
   * @returns undefined when there is no such endpoint
   */
  async rollSecret(
    owner: Owner,
    id: string,
    seal: (generation: number) => Promise<Sealed>,
  ): Promise<EndpointRow | undefined> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<EndpointRow>(
        `SELECT ${COLUMNS} FROM notification.endpoint WHERE id = $1 AND merchant_id = $2 AND livemode = $3 AND status <> 'deleted' FOR UPDATE`,
        [id, owner.merchantId, owner.livemode],
      );
      if (row === undefined) return undefined;
      await addSecret(tx, id, seal);
      return row;
    });
  }
}
