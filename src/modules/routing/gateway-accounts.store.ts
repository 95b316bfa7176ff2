/** Gateway accounts in PostgreSQL. Configuration, so Prisma; credentials leave here only towards adapters. */
import { z } from 'zod';
import type { Database } from '../../kernel/database/database.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { feeSchedules, type FeeSchedule } from './fees/fee-model.js';
import type { GatewayAccount } from './gateways/gateway-adapter.js';

/** A gateway account as routing uses it. */
export interface RoutingAccount extends GatewayAccount {
  /** Null: for every merchant. */
  readonly merchantId: string | null;
  /** Lower is tried first. */
  readonly priority: number;
  readonly enabled: boolean;
  readonly createdAt: Date;
  /** What the gateway keeps; empty: nobody wrote it down. */
  readonly fees: readonly FeeSchedule[];
}

const credentials = z.record(z.string(), z.string());

/**
 * Most accounts that are kept in memory; at some 500 bytes each it bounds what a reload costs. Beyond it the newest would
 * be left out, so the load refuses instead.
 */
const MAX_ACCOUNTS = 20_000;

export async function loadGatewayAccounts(database: Database): Promise<RoutingAccount[]> {
  const rows = await database.prisma.gatewayAccountRow.findMany({ take: MAX_ACCOUNTS + 1, orderBy: { id: 'asc' } });
  if (rows.length > MAX_ACCOUNTS) throw new RangeError(`There are more than ${MAX_ACCOUNTS} gateway accounts`);
  return rows.map((row) => {
    const parsed = credentials.safeParse(row.credentials);
    // Fees of a kind that this version cannot read are as good as not written down: they only make a gateway look dearer or cheaper.
    const fees = feeSchedules.safeParse(row.fees);
    return { ...row, credentials: parsed.success ? parsed.data : {}, fees: fees.success ? fees.data : [] };
  });
}

/** @returns whether there is such an account */
export async function updateFees(database: Database, id: string, fees: readonly FeeSchedule[]): Promise<boolean> {
  const { count } = await database.prisma.gatewayAccountRow.updateMany({ where: { id }, data: { fees: [...fees] } });
  return count > 0;
}

export interface GatewayAccountSettings {
  /** Null: for every merchant. */
  readonly merchantId: string | null;
  readonly livemode: boolean;
  readonly gateway: string;
  /** Unique per gateway; part of its webhook address: lower-case letters, digits, `-` and `_`. */
  readonly name: string;
  readonly baseUrl: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Lower is tried first. */
  readonly priority: number;
  readonly enabled?: boolean;
  /** What the gateway keeps; left as it is when not given. */
  readonly fees?: readonly FeeSchedule[];
  /** The same for an account that is made; one that is there keeps what was written down. */
  readonly feesAtFirst?: readonly FeeSchedule[];
}

/**
 * Creates a gateway account, or changes the one of that gateway and name. Merchant and mode are not changed: attempts of
 * the past point at it.
 * @returns its id. Running processes notice within a few seconds.
 */
export async function upsertGatewayAccount(database: Database, settings: GatewayAccountSettings): Promise<string> {
  const { gateway, name, merchantId, livemode, baseUrl, priority } = settings;
  const changeable = {
    baseUrl,
    priority,
    credentials: { ...settings.credentials },
    enabled: settings.enabled ?? true,
    ...(settings.fees === undefined ? {} : { fees: [...settings.fees] }),
  };
  const row = await database.prisma.gatewayAccountRow.upsert({
    where: { gateway_name: { gateway, name } },
    create: {
      id: newUuid(),
      gateway,
      name,
      merchantId,
      livemode,
      ...(settings.feesAtFirst === undefined ? {} : { fees: [...settings.feesAtFirst] }),
      ...changeable,
    },
    update: changeable,
    select: { id: true },
  });
  return row.id;
}
