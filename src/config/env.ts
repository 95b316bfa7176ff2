/**
 * The only reader of process.env. Everything else receives an {@link Env}.
 * A wrong setting is reported by name and rule; its value is never printed, since it may be a secret.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { messageSettings, readMessageSettings, type MessageSettings } from './message-settings.js';

/** The modules a process may host, in the order they are listed in docs. */
export const MODULE_NAMES = ['payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] as const;
export type ModuleName = (typeof MODULE_NAMES)[number];

/** What a process does: answer HTTP, drain queues, or both. */
export type ProcessRole = 'all' | 'http' | 'worker';

/** Raised for a missing or malformed setting; the message is one line fit for a terminal. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0'])
    .optional()
    .transform((value) => (value === undefined ? fallback : value === 'true' || value === '1'));

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .optional()
    .transform((value) => value ?? fallback);

const url = (protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .optional();

/** What payouts may draw on: what gateways have paid out to us, or besides that what they have captured and still owe us. */
const PAYOUT_FUNDS = ['available', 'captured'] as const;
export type PayoutFunds = (typeof PAYOUT_FUNDS)[number];

const POSTGRES = ['postgres:', 'postgresql:'] as const;

/** The highest TCP port less the ten that the sandbox takes: its control API, seven gateways, SMS and mail. */
const MAX_SANDBOX_PORT = 65_525;

/** 32 bytes, as base64url. */
const KEY_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/** Keys, separated by commas. */
const keys = (message: string) =>
  z
    .string()
    .refine((value) => value.split(',').every((key) => KEY_PATTERN.test(key.trim())), { message })
    .optional();

/** As proxy-addr, which Fastify uses, calls whole ranges. */
const RANGES: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

const proxies = z
  .string()
  .refine((value) => value.split(',').every((each) => isProxy(each.trim())), {
    message: `must be addresses, networks (10.0.0.0/8) or ${RANGES.join(', ')}, separated by commas`,
  })
  .optional();

function isProxy(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  if (more !== undefined) return false;
  if (bits === undefined) return RANGES.includes(text) || isIP(text) !== 0;
  // A network of everybody would believe whatever anybody says of themselves.
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most;
}

/** What the self-audit of the ledger freezes: whatever has drifted, or merchants' accounts alone. */
const LEDGER_AUDIT_FREEZES = ['all', 'merchants'] as const;
export type LedgerAuditFreezes = (typeof LEDGER_AUDIT_FREEZES)[number];

/** What src/kernel/crash-points reads; which points there are is its own to know. */
const CRASH_ORDERS = /^(watch|[a-z_.]+:[1-9]\d{0,6}:(kill|freeze)(,[a-z_.]+:[1-9]\d{0,6}:(kill|freeze))*)$/;

/** When captured money becomes available where no policy says so; days of the calendar in UTC. */
const SETTLEMENT_DEFAULT = /^(never|proved|(proved_or_)?T\+([0-9]|[1-8][0-9]|90))$/;

const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).optional(),
  HOST: z.string().min(1).optional(),
  PORT: integer(3000, 0, 65_535),
  DATA_DIR: z.string().min(1).optional(),
  DATABASE_URL: url(POSTGRES),
  DATABASE_URL_PAYMENTS: url(POSTGRES),
  DATABASE_URL_ROUTING: url(POSTGRES),
  DATABASE_URL_LEDGER: url(POSTGRES),
  DATABASE_URL_NOTIFICATION: url(POSTGRES),
  DATABASE_URL_RECONCILIATION: url(POSTGRES),
  DATABASE_URL_AUTH: url(POSTGRES),
  REDIS_URL: url(['redis:', 'rediss:']),
  ROLE: z.enum(['all', 'http', 'worker'], { error: 'must be all, http or worker' }).optional(),
  MODULES: z.string().optional(),
  MIGRATE_ON_START: flag(true),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  DEMO: z.enum(['true', 'false', '1', '0']).optional(),
  PUBLIC_URL: url(['http:', 'https:']),
  TRUSTED_PROXIES: proxies,
  SANDBOX_PORT: integer(4010, 1, MAX_SANDBOX_PORT),
  WEBHOOK_ALLOW_PRIVATE: flag(false),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, - or _')
    .optional(),
  DATABASE_POOL_SIZE: integer(8, 1, 100),
  IDEMPOTENCY_CACHE_TTL_SECONDS: integer(900, 1, 259_200),
  GATEWAY_CHARGE_TIMEOUT_MS: integer(35_000, 100, 120_000),
  GATEWAY_READ_TIMEOUT_MS: integer(8_000, 100, 60_000),
  GATEWAY_WEBHOOK_KEEP_DAYS: integer(90, 1, 3_650),
  RECONCILIATION_FEE_TOLERANCE_BPS: integer(300, 0, 10_000),
  MERCHANT_RATE_PER_SECOND: integer(1_000, 1, 1_000_000),
  MERCHANT_BURST: integer(2_000, 1, 10_000_000),
  MERCHANT_MAX_IN_FLIGHT: integer(1_000, 1, 100_000),
  PAYOUT_FUNDS: z.enum(PAYOUT_FUNDS, { error: 'must be available or captured' }).optional(),
  SETTLEMENT_DEFAULT: z
    .string()
    .regex(SETTLEMENT_DEFAULT, 'must be never, proved, T+<days> or proved_or_T+<days>')
    .optional(),
  MASTER_KEYS: keys('must be keys of 32 bytes as base64url, separated by commas'),
  LEDGER_SIGNING_KEY: z.string().regex(KEY_PATTERN, 'must be 32 bytes as base64url').optional(),
  LEDGER_PUBLIC_KEYS: keys('must be public keys of 32 bytes as base64url, separated by commas'),
  LEDGER_AUDIT_FREEZES: z.enum(LEDGER_AUDIT_FREEZES, { error: 'must be all or merchants' }).optional(),
  LEDGER_AUDIT_ENTRIES_PER_SECOND: integer(20_000, 100, 1_000_000),
  SWEEP_LEASE_MS: integer(15_000, 200, 600_000),
  SHUTDOWN_TIMEOUT_MS: integer(25_000, 1_000, 300_000),
  MAX_EVENT_LOOP_LAG_MS: integer(2_000, 100, 60_000),
  RETRY_PAUSE_PERCENT: integer(100, 1, 100),
  ...messageSettings,
  SIMULATION_CRASH_POINTS: z
    .string()
    .regex(CRASH_ORDERS, 'must be watch, or <point>:<hit>:<kill or freeze>, separated by commas')
    .optional(),
});

/** The names of all settings; .env.example explains each, and a test holds the two together. */
export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape);

/** Everything a process can be told. URLs may hold passwords: never log an Env. */
export interface Env {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly host: string;
  /** 0 asks the system for a free port (tests). */
  readonly port: number;
  readonly dataDir: string;
  /** The database of the kernel, and of every module that has none of its own. */
  readonly databaseUrl?: string;
  /** Of the modules that live in a database of their own. */
  readonly databaseUrls: Readonly<Partial<Record<ModuleName, string>>>;
  readonly redisUrl?: string;
  readonly role: ProcessRole;
  readonly modules: readonly ModuleName[];
  readonly migrateOnStart: boolean;
  readonly logLevel: string;
  /** Sandbox gateways and a demo merchant beside the app. Never in production. */
  readonly demo: boolean;
  /** Where gateways reach us, without a trailing slash; used in callback URLs we hand out. */
  readonly publicUrl: string;
  /** Whose X-Forwarded-For is believed: addresses, networks, or the names that proxy-addr has for some. */
  readonly trustedProxies: readonly string[];
  readonly sandboxPort: number;
  readonly webhookAllowPrivate: boolean;
  readonly queuePrefix: string;
  /** Connections per module pool. */
  readonly databasePoolSize: number;
  readonly idempotencyCacheTtlSeconds: number;
  readonly gatewayChargeTimeoutMs: number;
  readonly gatewayReadTimeoutMs: number;
  /** After so many days webhooks from gateways are deleted. */
  readonly gatewayWebhookKeepDays: number;
  /** By how much of what moved a gateway's fee may differ from what it had said and be booked without asking, in basis points. */
  readonly feeToleranceBps: number;
  /** Requests per second and process that a merchant may send in each mode, and how many at once after a pause. */
  readonly merchantRatePerSecond: number;
  readonly merchantBurst: number;
  /** Requests of a merchant and mode that are open at once in a process, those that wait for an outcome included. */
  readonly merchantMaxInFlight: number;
  readonly payoutFunds: PayoutFunds;
  /** `never`, `proved`, `T+1`, `proved_or_T+1`: of merchants without a settlement policy. */
  readonly settlementDefault: string;
  /** Under the first one gateways' credentials are sealed, with all of them they are opened: 32 bytes each, as base64url. Secrets. */
  readonly masterKeys: readonly string[];
  /** The Ed25519 key under which the ledger's heads are signed: 32 bytes as base64url. A secret. */
  readonly ledgerSigningKey?: string;
  /** Public keys whose signatures count besides: those that signed before. */
  readonly ledgerPublicKeys: readonly string[];
  readonly ledgerAuditFreezes: LedgerAuditFreezes;
  /** What the self-audit reads at most, in all processes together. */
  readonly ledgerAuditEntriesPerSecond: number;
  /** How old an event without an inbox row must be before it is dispatched again. */
  readonly sweepLeaseMs: number;
  readonly shutdownTimeoutMs: number;
  /** Beyond this event-loop delay /readyz turns red, so that a balancer looks elsewhere. */
  readonly maxEventLoopLagMs: number;
  /** The share of their usual length that pauses before a gateway is asked, or a merchant told, again have: 1 is all of it. */
  readonly retryPauseShare: number;
  /** E-mail and SMS. Secrets. */
  readonly messages: MessageSettings;
  /** Only for the simulator, never in production. */
  readonly simulationCrashPoints?: string;
}

function readModules(value: string | undefined): readonly ModuleName[] {
  if (value === undefined || value.trim() === '' || value.trim() === 'all') return MODULE_NAMES;
  const names = value.split(',').map((name) => name.trim());
  const known = new Set<string>(MODULE_NAMES);
  if (names.some((name) => !known.has(name))) {
    throw new EnvError(`MODULES must be "all" or a comma-separated list of: ${MODULE_NAMES.join(', ')}`);
  }
  return MODULE_NAMES.filter((name) => names.includes(name));
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').flatMap((key) => key.trim() || []);
}

/** The setting that gives a module a database of its own. */
export function databaseSettingOf(module: ModuleName): `DATABASE_URL_${Uppercase<ModuleName>}` {
  return `DATABASE_URL_${module.toUpperCase() as Uppercase<ModuleName>}`;
}

function readDatabaseUrls(settings: z.infer<typeof schema>): Env['databaseUrls'] {
  const given = MODULE_NAMES.map((name) => [name, settings[databaseSettingOf(name)]] as const);
  const own = given.filter(([, value]) => value !== undefined);
  const [first] = own;
  // The embedded PostgreSQL is one database for everything: half of an installation in a trial's data folder would get lost.
  if (first !== undefined && settings.DATABASE_URL === undefined) {
    throw new EnvError(`DATABASE_URL must be set where ${databaseSettingOf(first[0])} is: everything else lives there`);
  }
  return Object.fromEntries(own);
}

/**
 * Reads and checks the settings.
 * @throws {EnvError} naming the first wrong setting and its rule.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  // An empty value in a .env file means "not set".
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new EnvError(`${issue?.path.join('.') ?? 'settings'} ${issue?.message ?? 'is not valid'}`);
  }
  const settings = parsed.data;
  const nodeEnv = settings.NODE_ENV ?? 'development';
  if (settings.SIMULATION_CRASH_POINTS !== undefined && nodeEnv === 'production')
    throw new EnvError('SIMULATION_CRASH_POINTS must not be set when NODE_ENV is production');
  const demo = settings.DEMO === undefined ? nodeEnv !== 'production' : ['true', '1'].includes(settings.DEMO);
  const host = settings.HOST ?? '127.0.0.1';
  return {
    nodeEnv,
    host,
    port: settings.PORT,
    dataDir: settings.DATA_DIR ?? '.sankofa',
    ...(settings.DATABASE_URL === undefined ? {} : { databaseUrl: settings.DATABASE_URL }),
    databaseUrls: readDatabaseUrls(settings),
    ...(settings.REDIS_URL === undefined ? {} : { redisUrl: settings.REDIS_URL }),
    role: settings.ROLE ?? 'all',
    modules: readModules(settings.MODULES),
    migrateOnStart: settings.MIGRATE_ON_START,
    logLevel: settings.LOG_LEVEL ?? (nodeEnv === 'test' ? 'warn' : 'info'),
    demo,
    trustedProxies: listOf(settings.TRUSTED_PROXIES),
    publicUrl: (settings.PUBLIC_URL ?? `http://127.0.0.1:${settings.PORT}`).replace(/\/+$/, ''),
    sandboxPort: settings.SANDBOX_PORT,
    webhookAllowPrivate: settings.WEBHOOK_ALLOW_PRIVATE,
    queuePrefix: settings.QUEUE_PREFIX ?? 'sankofa',
    databasePoolSize: settings.DATABASE_POOL_SIZE,
    idempotencyCacheTtlSeconds: settings.IDEMPOTENCY_CACHE_TTL_SECONDS,
    gatewayChargeTimeoutMs: settings.GATEWAY_CHARGE_TIMEOUT_MS,
    gatewayReadTimeoutMs: settings.GATEWAY_READ_TIMEOUT_MS,
    gatewayWebhookKeepDays: settings.GATEWAY_WEBHOOK_KEEP_DAYS,
    feeToleranceBps: settings.RECONCILIATION_FEE_TOLERANCE_BPS,
    merchantRatePerSecond: settings.MERCHANT_RATE_PER_SECOND,
    merchantBurst: settings.MERCHANT_BURST,
    merchantMaxInFlight: settings.MERCHANT_MAX_IN_FLIGHT,
    payoutFunds: settings.PAYOUT_FUNDS ?? 'captured',
    settlementDefault: settings.SETTLEMENT_DEFAULT ?? 'proved_or_T+1',
    masterKeys: listOf(settings.MASTER_KEYS),
    ...(settings.LEDGER_SIGNING_KEY === undefined ? {} : { ledgerSigningKey: settings.LEDGER_SIGNING_KEY }),
    ledgerPublicKeys: listOf(settings.LEDGER_PUBLIC_KEYS),
    ledgerAuditFreezes: settings.LEDGER_AUDIT_FREEZES ?? 'all',
    ledgerAuditEntriesPerSecond: settings.LEDGER_AUDIT_ENTRIES_PER_SECOND,
    sweepLeaseMs: settings.SWEEP_LEASE_MS,
    shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
    maxEventLoopLagMs: settings.MAX_EVENT_LOOP_LAG_MS,
    retryPauseShare: settings.RETRY_PAUSE_PERCENT / 100,
    messages: readMessageSettings(settings, {
      production: nodeEnv === 'production',
      refuse: (problem) => {
        throw new EnvError(problem);
      },
    }),
    ...(settings.SIMULATION_CRASH_POINTS === undefined
      ? {}
      : { simulationCrashPoints: settings.SIMULATION_CRASH_POINTS }),
  };
}
