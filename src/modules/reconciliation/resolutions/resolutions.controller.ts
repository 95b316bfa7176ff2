import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';
import { AdminApi, CurrentAdmin, CurrentSession, Needs, PeopleOnly } from '../../../kernel/access/access.js';
import { People } from '../../../kernel/access/people.js';
import type { AdminPrincipal, SessionPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { pageOf, uuidOf } from '../list-parts.js';
import { approve, reject } from './decide.js';
import { propose } from './propose.js';
import {
  ADJUSTMENT_ACCOUNTS,
  RESOLUTION_ACTIONS,
  RESOLUTION_STATES,
  type AdjustmentAccount,
  type Asker,
  type Person,
  type ResolutionAction,
  type ResolutionState,
} from './resolution.js';
import { resolutionAnswer, resolutionsAnswer, resolvedAnswer } from './resolution.answers.js';
import { shownResolution, type ShownResolution } from './resolution.views.js';
import { RESOLUTION_CSV } from './resolutions.csv.js';
import { findResolution, listResolutions, type Resolution } from './resolutions.store.js';

const MAX_ID = 64;
/** Breaks resolved at once: they are locked together. */
const MAX_BREAKS = 200;
const MAX_REMARK = 1_000;

export class ResolveBody {
  /** `brk_...`; all are resolved, or none. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BREAKS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ID, { each: true })
  breaks!: string[];

  @IsIn(RESOLUTION_ACTIONS)
  action!: ResolutionAction;

  /** What an `adjust` is booked against. */
  @IsOptional()
  @IsIn(ADJUSTMENT_ACCOUNTS)
  account?: AdjustmentAccount;

  /** `att_...`: attempts of a `match` of which there is no break, as they are not overdue yet. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_BREAKS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ID, { each: true })
  attempts?: string[];

  /** Why. Kept with the break for whoever audits it. */
  @IsString()
  @MaxLength(MAX_REMARK)
  remark!: string;
}

export class DecideBody {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_REMARK)
  remark?: string;
}

class ResolutionsQuery extends CsvPageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  break?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  @IsOptional()
  @IsIn(RESOLUTION_STATES)
  status?: ResolutionState;

  @IsOptional()
  @IsIn(['true', 'false'])
  automatic?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** What is decided about breaks. For operators. */
@Controller('admin/v1/reconciliation/resolutions')
@AdminApi('reconciliation')
export class ResolutionsController {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly people: People,
  ) {
    this.database = databases.of('reconciliation');
  }

  @Get()
  @AlsoCsv('resolutions', RESOLUTION_CSV)
  @Answers({ 200: { description: 'A page of them', schema: resolutionsAnswer } })
  @Described('What was decided about breaks, by the program and by people, the newest first.')
  async list(@ValidQuery(ResolutionsQuery) query: ResolutionsQuery): Promise<Page<ShownResolution>> {
    const rows = await listResolutions(this.database, {
      breakId: uuidOf('break', 'break', query.break),
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      state: query.status ?? null,
      isAutomatic: query.automatic === undefined ? null : query.automatic === 'true',
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      limit: query.limit + 1,
      before: uuidOf('resolution', 'starting_after', query.starting_after),
      after: uuidOf('resolution', 'ending_before', query.ending_before),
    });
    return pageOf(rows, query, shownResolution);
  }

  @Post()
  @Answers({
    201: { description: 'One for each break, in the order in which they were named', schema: resolvedAnswer },
  })
  @Described(
    'Resolves breaks, all or none. `ask` has the gateways asked again, `dismiss` says that all is well, `match` puts together what is missing here and there: at once. `write_off` and `adjust` move money: a person asks for them, not a key, and they wait for another person to approve them.',
  )
  async resolve(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(ResolveBody) body: ResolveBody,
  ): Promise<{ readonly object: 'list'; readonly data: readonly ShownResolution[] }> {
    if ((body.action === 'adjust') !== (body.account !== undefined))
      throw invalid('/account', 'adjust', 'is needed for adjust, and for nothing else');
    if (body.action !== 'match' && body.attempts !== undefined)
      throw invalid('/attempts', 'match', 'are put together by match alone');
    const remark = body.remark.trim();
    if (remark === '') throw invalid('/remark', 'required', 'must say why');
    const made = await propose(this.database, {
      breakIds: body.breaks.map((id, index) => mustDecode('break', id, `/breaks/${index}`)),
      action: body.action,
      account: body.account ?? null,
      attemptIds: (body.attempts ?? []).map((id, index) => mustDecode('attempt', id, `/attempts/${index}`)),
      remark,
      by: askerOf(admin),
      cause: { correlationId: body.breaks[0] ?? '' },
    });
    return { object: 'list', data: made.map(shownResolution) };
  }

  @Get(':id')
  @Answers({ 200: { description: 'As it stands', schema: resolutionAnswer } })
  @Described('One resolution.')
  async one(@Param('id') id: string): Promise<ShownResolution> {
    return shownResolution(await this.find(id));
  }

  @Needs('authorise')
  @Post(':id/approve')
  @PeopleOnly()
  @HttpCode(200)
  @Answers({ 200: { description: 'Approved: the ledger is to book it', schema: resolutionAnswer } })
  @Described(
    'Has what was proposed booked. Not by the person who proposed it, and only while the break says what it said then, and while that person may still ask for it.',
  )
  async approve(
    @CurrentSession() person: SessionPrincipal,
    @Param('id') id: string,
    @ValidBody(DecideBody) { remark }: DecideBody,
  ): Promise<ShownResolution> {
    const known = await this.find(id);
    await this.mustStillAsk(known);
    const decided = await approve(this.database, {
      id: known.id,
      by: personOf(person),
      remark: remarkOf(remark),
      cause: { correlationId: id },
    });
    return shownResolution(decided);
  }

  @Post(':id/reject')
  @PeopleOnly()
  @HttpCode(200)
  @Answers({ 200: { description: 'Rejected', schema: resolutionAnswer } })
  @Described('Ends a proposal: nothing is booked, and the break stays open. Whoever proposed it may take it back so.')
  async reject(
    @CurrentSession() person: SessionPrincipal,
    @Param('id') id: string,
    @ValidBody(DecideBody) { remark }: DecideBody,
  ): Promise<ShownResolution> {
    const known = await this.find(id);
    return shownResolution(
      await reject(this.database, { id: known.id, by: personOf(person), remark: remarkOf(remark) }),
    );
  }

  /** A person who left, or may not ask for such a thing any more, has nothing booked through somebody else. */
  private async mustStillAsk({ state, requestedBy, requestedIn }: Resolution): Promise<void> {
    if (state !== 'proposed' || requestedBy === null || requestedIn === null) return;
    if (!(await this.people.may(requestedBy, 'reconciliation', 'manage'))) throw new DomainError('approval.maker_gone');
  }

  private async find(id: string): Promise<Resolution> {
    const uuid = decodeId('resolution', id);
    const found = uuid === undefined ? undefined : await findResolution(this.database, uuid);
    if (found === undefined) throw new DomainError('reconciliation.resolution_not_found');
    return found;
  }
}

const personOf = ({ id, session }: SessionPrincipal): Person => ({ id, sessionId: session.id });
const askerOf = ({ id, session }: AdminPrincipal): Asker => ({ id, sessionId: session?.id ?? null });

function remarkOf(remark: string | undefined): string | null {
  const text = remark?.trim() ?? '';
  return text === '' ? null : text;
}

function mustDecode(kind: 'break' | 'attempt', id: string, pointer: string): string {
  const uuid = decodeId(kind, id);
  if (uuid === undefined) throw invalid(pointer, 'invalid_id', 'is not such an id');
  return uuid;
}

function invalid(pointer: string, code: string, detail: string): DomainError {
  return new DomainError('request.invalid', { errors: [{ pointer, code, detail }] });
}
