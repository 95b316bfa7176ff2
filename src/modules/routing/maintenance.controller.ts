import { Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional, IsRFC3339, IsString, Length, Matches } from 'class-validator';
import type { z } from 'zod';
import { AdminApi, CurrentAdmin } from '../../kernel/access/access.js';
import type { AdminPrincipal } from '../../kernel/access/principal.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../kernel/http/csv-pages.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../kernel/ids/ids.js';
import { windowAnswer, windowsAnswer } from './maintenance.answers.js';
import { Routing } from './routing.js';
import {
  cancelWindow,
  changeWindow,
  countWindowsAhead,
  findWindow,
  insertWindow,
  listWindows,
  MAX_WINDOWS,
  type WindowRow,
} from './rules/maintenance.store.js';

/** As in the table. */
const MAX_REASON = 500;
/** As `networkOf` and `railOf` write it: `GHS/mobile_money/mtn`, `NGN/card`, `NGN/bank_account`. */
const NETWORK = /^[A-Z]{3}\/(card|bank_transfer|bank_account|(mobile_money|ussd)\/[\w*#-]{1,32})$/;

export class CreateWindowBody {
  /** `gwa_...`: one account. Either this or `gateway`. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  gateway_account?: string;

  /** Every account at this gateway. */
  @IsOptional()
  @Matches(/^[a-z0-9_]{1,32}$/)
  gateway?: string;

  /** Only this network there: `GHS/mobile_money/mtn`, `NGN/card`. */
  @IsOptional()
  @Matches(NETWORK)
  network?: string;

  @IsRFC3339()
  from!: string;

  @IsRFC3339()
  to!: string;

  @IsString()
  @Length(1, MAX_REASON)
  reason!: string;
}

export class ChangeWindowBody {
  /** When it ends, instead. */
  @IsOptional()
  @IsRFC3339()
  to?: string;

  @IsOptional()
  @IsString()
  @Length(1, MAX_REASON)
  reason?: string;
}

type ShownWindow = z.infer<typeof windowAnswer>;

const WINDOW_CSV: CsvColumns<ShownWindow> = {
  id: (window) => window.id,
  created_at_utc: (window) => window.created_at,
  gateway: (window) => window.gateway,
  gateway_account: (window) => window.gateway_account,
  name: (window) => window.name,
  network: (window) => window.network,
  from_utc: (window) => window.from,
  to_utc: (window) => window.to,
  reason: (window) => window.reason,
  created_by: (window) => window.created_by,
  canceled_by: (window) => window.canceled_by,
  canceled_at_utc: (window) => window.canceled_at,
};

class WindowsQuery extends CsvPageQuery {
  /** `true`: those only that are not over and not canceled. */
  @IsOptional()
  @IsIn(['true', 'false'])
  current?: string;
}

/** Times in which gateways are closed, for operators. */
@Controller('admin/v1/routing/maintenance_windows')
@AdminApi('routing')
export class MaintenanceController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
  ) {}

  @Get()
  @AlsoCsv('maintenance_windows', WINDOW_CSV)
  @Answers({ 200: { description: 'Windows', schema: windowsAnswer } })
  @Described('Maintenance windows, the newest first.')
  async list(@ValidQuery(WindowsQuery) query: WindowsQuery): Promise<Page<ShownWindow>> {
    const before = cursorOf('starting_after', query.starting_after);
    const after = cursorOf('ending_before', query.ending_before);
    const rows = await listWindows(this.databases.of('routing'), {
      limit: query.limit + 1,
      before,
      after,
      currentOnly: query.current === 'true',
    });
    const found = page(rows, query.limit, shownWindow);
    return before === undefined && after !== undefined ? { ...found, data: found.data.toReversed() } : found;
  }

  @Post()
  @Answers({ 201: { description: 'The window', schema: windowAnswer } })
  @Described(
    'Announces that nothing new is to be sent to a gateway, to one account there, or to one network there, for a time.',
  )
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(CreateWindowBody) body: CreateWindowBody,
  ): Promise<Record<string, unknown>> {
    const database = this.databases.of('routing');
    const gatewayAccountId = await this.accountOf(body);
    const [startsAt, endsAt] = [new Date(body.from), new Date(body.to)];
    assertEnds(startsAt, endsAt);
    if ((await countWindowsAhead(database)) >= MAX_WINDOWS) throw new DomainError('maintenance_window.too_many');
    const row = await insertWindow(database, {
      gatewayAccountId,
      gateway: body.gateway ?? null,
      network: body.network ?? null,
      startsAt,
      endsAt,
      reason: body.reason,
      createdBy: admin.id,
    });
    await this.routing.policy.reload();
    return shownWindow(row);
  }

  @Get(':id')
  @Answers({ 200: { description: 'The window', schema: windowAnswer } })
  @Described('One maintenance window.')
  async read(@Param('id') id: string): Promise<Record<string, unknown>> {
    return shownWindow(await this.find(id));
  }

  @Post(':id')
  @Answers({ 201: { description: 'As it is now', schema: windowAnswer } })
  @Described('Lets a window end earlier or later, or says better why it is there.')
  async change(
    @Param('id') id: string,
    @ValidBody(ChangeWindowBody) body: ChangeWindowBody,
  ): Promise<Record<string, unknown>> {
    const { id: uuid, startsAt } = await this.find(id);
    const endsAt = body.to === undefined ? undefined : new Date(body.to);
    if (endsAt !== undefined) assertEnds(startsAt, endsAt);
    const change = {
      ...(endsAt === undefined ? {} : { endsAt }),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
    };
    if (!(await changeWindow(this.databases.of('routing'), uuid, change)))
      throw new DomainError('maintenance_window.canceled');
    await this.routing.policy.reload();
    return shownWindow(await this.find(id));
  }

  @Delete(':id')
  @Answers({ 200: { description: 'As it is now', schema: windowAnswer } })
  @Described('Cancels a window. It stays on record.')
  async cancel(@CurrentAdmin() admin: AdminPrincipal, @Param('id') id: string): Promise<Record<string, unknown>> {
    const { id: uuid } = await this.find(id);
    await cancelWindow(this.databases.of('routing'), uuid, admin.id);
    await this.routing.policy.reload();
    return shownWindow(await this.find(id));
  }

  private async accountOf({ gateway_account: account, gateway }: CreateWindowBody): Promise<string | null> {
    if ((account === undefined) === (gateway === undefined))
      throw new DomainError('request.invalid', {
        errors: [{ pointer: '/gateway', code: 'one_of', detail: 'give either gateway_account or gateway' }],
      });
    if (gateway !== undefined && !this.routing.adapters.has(gateway))
      throw new DomainError('request.invalid', { errors: [{ pointer: '/gateway', code: 'unknown_gateway' }] });
    if (account === undefined) return null;
    const id = decodeId('gatewayAccount', account);
    const known = id === undefined ? undefined : await this.routing.accounts.byId(id);
    if (known === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/gateway_account', code: 'no_such_account' }] });
    return known.id;
  }

  private async find(id: string): Promise<WindowRow> {
    const uuid = decodeId('maintenanceWindow', id);
    const row = uuid === undefined ? undefined : await findWindow(this.databases.of('routing'), uuid);
    if (row === undefined) throw new DomainError('maintenance_window.not_found');
    return row;
  }
}

function assertEnds(startsAt: Date, endsAt: Date): void {
  // RFC 3339 knows leap seconds, JavaScript does not.
  for (const [pointer, date] of Object.entries({ '/from': startsAt, '/to': endsAt }))
    if (Number.isNaN(date.getTime()))
      throw new DomainError('request.invalid', {
        errors: [{ pointer, code: 'leap_second', detail: 'leap seconds are not known here' }],
      });
  if (endsAt <= startsAt)
    throw new DomainError('request.invalid', {
      errors: [{ pointer: '/to', code: 'not_after_from', detail: 'it must end after it starts' }],
    });
}

function cursorOf(parameter: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const uuid = decodeId('maintenanceWindow', value);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_id' }] });
  return uuid;
}

function shownWindow(row: WindowRow): ShownWindow {
  return {
    object: 'maintenance_window',
    id: encodeId('maintenanceWindow', row.id),
    gateway_account: row.gatewayAccountId === null ? null : encodeId('gatewayAccount', row.gatewayAccountId),
    gateway: row.gatewayAccount?.gateway ?? row.gateway,
    name: row.gatewayAccount?.name ?? null,
    network: row.network,
    from: row.startsAt.toISOString(),
    to: row.endsAt.toISOString(),
    reason: row.reason,
    created_by: encodeId('admin', row.createdBy),
    created_at: row.createdAt.toISOString(),
    canceled_by: row.canceledBy === null ? null : encodeId('admin', row.canceledBy),
    canceled_at: row.canceledAt?.toISOString() ?? null,
  };
}
