/** Gateway accounts in PostgreSQL. Configuration, so Prisma; credentials are sealed there, and leave here only towards adapters. */
import { SQL_NULL, type Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { RESEAL_PAGE, resealAll, type ResealOutcome, type Resealed } from '../../kernel/secrets/reseal.js';
import { CannotOpen, type Vault } from '../../kernel/secrets/vault.js';
import { AccountCredentials, MAX_ACCOUNTS } from './account-credentials.js';
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
  /** Why there are no credentials, although there should be; null: there are. */
  readonly credentialsProblem: string | null;
}

/** Beyond {@link MAX_ACCOUNTS} the newest would be left out, so this refuses instead. */
export async function loadGatewayAccounts(
  database: Database,
  credentials: AccountCredentials,
): Promise<RoutingAccount[]> {
  const rows = await database.prisma.gatewayAccountRow.findMany({ take: MAX_ACCOUNTS + 1, orderBy: { id: 'asc' } });
  if (rows.length > MAX_ACCOUNTS) throw new RangeError(`There are more than ${MAX_ACCOUNTS} gateway accounts`);
  const accounts: RoutingAccount[] = [];
  for (const row of rows) {
    const opened = await credentials.read(row);
    // Fees of a kind that this version cannot read are as good as not written down: they only make a gateway look dearer or cheaper.
    const fees = feeSchedules.safeParse(row.fees);
    accounts.push({ ...row, ...opened, fees: fees.success ? fees.data : [] });
  }
  return accounts;
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
export async function upsertGatewayAccount(
  database: Database,
  vault: Vault,
  settings: GatewayAccountSettings,
): Promise<string> {
  const { gateway, name, livemode, baseUrl, priority } = settings;
  const where = { gateway_name: { gateway, name } };
  const credentials = new AccountCredentials(vault);
  const known = await database.prisma.gatewayAccountRow.findUnique({ where, select: { merchantId: true } });
  const merchantId = known === null ? settings.merchantId : known.merchantId;
  const changeable = async (ofMerchant: string | null) => ({
    baseUrl,
    priority,
    credentials: SQL_NULL,
    sealedCredentials: await credentials.seal({ merchantId: ofMerchant, gateway, name }, settings.credentials),
    enabled: settings.enabled ?? true,
    ...(settings.fees === undefined ? {} : { fees: [...settings.fees] }),
  });
  const given = await changeable(merchantId);
  const row = await database.prisma.gatewayAccountRow.upsert({
    where,
    create: {
      id: newUuid(),
      gateway,
      name,
      merchantId,
      livemode,
      ...(settings.feesAtFirst === undefined ? {} : { fees: [...settings.feesAtFirst] }),
      ...given,
    },
    update: given,
    select: { id: true, merchantId: true },
  });
  // Somebody else made it meanwhile, for another merchant: it is sealed for the one it has.
  if (row.merchantId !== merchantId)
    await database.prisma.gatewayAccountRow.update({ where, data: await changeable(row.merchantId) });
  return row.id;
}

const resealSql = statement(
  'routing.reseal_credentials',
  `UPDATE routing.gateway_account SET credentials = NULL, sealed_credentials = $2::jsonb
   WHERE id = $1 AND credentials IS NOT DISTINCT FROM $3::jsonb AND sealed_credentials IS NOT DISTINCT FROM $4::jsonb RETURNING id`,
);

/** Seals under the first master key what is not. What somebody changes meanwhile is looked at again: they may seal under an older one. */
export function resealGatewayAccounts(database: Database, vault: Vault): Promise<Resealed> {
  const credentials = new AccountCredentials(vault);
  return resealAll<{ readonly id: string }>(
    (last) =>
      database.prisma.gatewayAccountRow.findMany({
        ...(last === undefined ? {} : { where: { id: { gt: last.id } } }),
        select: { id: true },
        orderBy: { id: 'asc' },
        take: RESEAL_PAGE,
      }),
    async ({ id }) => {
      for (;;) {
        const outcome = await reseal(database, credentials, id);
        if (outcome !== 'changed') return outcome;
      }
    },
  );
}

async function reseal(database: Database, credentials: AccountCredentials, id: string): Promise<ResealOutcome> {
  const row = await database.prisma.gatewayAccountRow.findUniqueOrThrow({ where: { id } });
  if (await credentials.isCurrent(row)) return 'current';
  const { credentials: known, credentialsProblem: problem } = await credentials.read(row);
  if (problem !== null) throw new CannotOpen(problem);
  const text = (json: unknown): string | null => (json === null ? null : JSON.stringify(json));
  const fresh = await credentials.seal(row, known);
  const values = [id, text(fresh), text(row.credentials), text(row.sealedCredentials)];
  return (await database.query(resealSql, values)).length > 0 ? 'resealed' : 'changed';
}
