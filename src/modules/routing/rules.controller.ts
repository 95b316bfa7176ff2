import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import { IsInt, IsObject, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { AdminApi, CurrentAdmin, NeedsApproval } from '../../kernel/access/access.js';
import type { AdminPrincipal } from '../../kernel/access/principal.js';
import type { ApprovalAction } from '../../kernel/approvals/approval-action.js';
import type { ApprovalView } from '../../kernel/approvals/approval-view.js';
import { approvalAnswer } from '../../kernel/approvals/approval.answers.js';
import { Approvals } from '../../kernel/approvals/approvals.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError, type FieldError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../kernel/http/csv-pages.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { encodeId } from '../../kernel/ids/ids.js';
import { Routing } from './routing.js';
import { activation } from './rules/rule-sets.js';
import { ruleSetAnswer, ruleSetsAnswer } from './rules.answers.js';
import { findRuleSet, listRuleSets, type RuleSetFound, type RuleSetListed } from './rules/rule-sets.store.js';

/** As in the table. */
const MAX_NOTE = 500;
/** As in the table of approvals. */
const MAX_REASON = 1_000;
/** What PostgreSQL's integer can hold. */
export const MAX_VERSION = 2_147_483_647;

export class CreateRuleSetBody {
  /** Rules in order, and what is done with the rest: see the module's README. */
  @IsObject()
  content!: Record<string, unknown>;

  /** Why it was made: for whoever looks for the version of a day. */
  @IsString()
  @Length(1, MAX_NOTE)
  note!: string;
}

export class ActivateRuleSetBody {
  /** The version that is in force, as the caller knows (0: none): refused when it is another by now. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_VERSION)
  replaces?: number;

  /** For whoever approves it. */
  @IsOptional()
  @IsString()
  @Length(1, MAX_REASON)
  reason?: string;
}

/** The request's id begins the story that its events tell. */
interface RequestWithId {
  readonly id: string;
}

/** Rules that come into force decide where all payments go. */
export const ACTIVATE_RULES = {
  kind: 'routing.activate_rules',
  area: 'routing',
  payload: activation,
} satisfies ApprovalAction<unknown>;

type ShownRuleSet = ReturnType<typeof shownRuleSet>;

const RULE_SET_CSV: CsvColumns<ShownRuleSet> = {
  id: (set) => set.id,
  created_at_utc: (set) => set.created_at,
  version: (set) => set.version,
  note: (set) => set.note,
  active: (set) => set.active,
  activated_at_utc: (set) => set.activated_at,
  created_by: (set) => set.created_by,
};

/** Rules that say where payments go, for operators. */
@Controller('admin/v1/routing/rule_sets')
@AdminApi('routing')
export class RulesController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
    private readonly approvals: Approvals,
  ) {}

  @Get()
  @Answers({ 200: { description: 'Rule sets; or CSV', schema: ruleSetsAnswer } })
  @AlsoCsv('rule_sets', RULE_SET_CSV, { cursor: ({ version }) => String(version) })
  @Described('Rule sets, the newest first, without their content. Cursors are versions.')
  async list(@ValidQuery(CsvPageQuery) query: CsvPageQuery): Promise<Page<ShownRuleSet>> {
    const below = cursorOf('starting_after', query.starting_after);
    const above = cursorOf('ending_before', query.ending_before);
    const rows = await listRuleSets(this.databases.of('routing'), { limit: query.limit + 1, below, above });
    const found = page(rows, query.limit, shownRuleSet);
    return below === undefined && above !== undefined ? { ...found, data: found.data.toReversed() } : found;
  }

  @Post()
  @Answers({ 201: { description: 'The new version', schema: ruleSetAnswer } })
  @Described(
    'Stores a set of rules as the next version. It is refused whole when anything in it is not understood, and is not in force before it is activated.',
  )
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(CreateRuleSetBody) body: CreateRuleSetBody,
  ): Promise<Record<string, unknown>> {
    const { version, warnings } = await this.routing.ruleSets.create(body.content, body.note, admin.id);
    return this.shown(version, warnings);
  }

  @Get(':version')
  @Answers({ 200: { description: 'The version', schema: ruleSetAnswer } })
  @Described('One version, with its content and when it was put into force.')
  async read(@Param('version') version: string): Promise<Record<string, unknown>> {
    return this.shown(versionOf(version));
  }

  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Post(':version/activate')
  @Described(
    'ask that a version is put into force',
    'Another person approves it. It is in force within some seconds then, in place of the version that was when it was asked for. An earlier version can be put into force again.',
  )
  async activate(
    @CurrentAdmin() admin: AdminPrincipal,
    @Req() request: RequestWithId,
    @Param('version') version: string,
    @ValidBody(ActivateRuleSetBody) { replaces, reason }: ActivateRuleSetBody,
  ): Promise<ApprovalView> {
    const payload = await this.routing.ruleSets.activation(versionOf(version), replaces);
    const asked = { payload, subject: String(payload.version), reason, by: admin, correlationId: request.id };
    return this.approvals.ask(this.databases.of('routing'), ACTIVATE_RULES, asked);
  }

  private async shown(version: number, warnings?: readonly FieldError[]): Promise<Record<string, unknown>> {
    const row = await findRuleSet(this.databases.of('routing'), version);
    if (row === undefined) throw new DomainError('rule_set.not_found');
    return {
      ...shownRuleSet(row),
      content: row.content,
      activations: row.activations.map(shownActivation),
      ...(warnings === undefined ? {} : { warnings }),
    };
  }
}

/** @throws {DomainError} `rule_set.not_found`: no version is called so */
function versionOf(text: string): number {
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (version < 1 || version > MAX_VERSION) throw new DomainError('rule_set.not_found');
  return version;
}

function cursorOf(parameter: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const version = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (version < 1 || version > MAX_VERSION)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: parameter, code: 'malformed_version' }] });
  return version;
}

function shownRuleSet(row: RuleSetListed) {
  return {
    object: 'rule_set',
    id: encodeId('ruleSet', row.id),
    version: row.version,
    note: row.note,
    active: row.active,
    activated_at: row.activatedAt?.toISOString() ?? null,
    created_by: encodeId('admin', row.createdBy),
    created_at: row.createdAt.toISOString(),
  };
}

function shownActivation(row: RuleSetFound['activations'][number]): Record<string, unknown> {
  return {
    replaced_version: row.replacedVersion,
    asked_by: row.askedBy === null ? null : encodeId('admin', row.askedBy),
    activated_by: encodeId('admin', row.activatedBy),
    approval: row.approvalId === null ? null : encodeId('approval', row.approvalId),
    activated_at: row.activatedAt.toISOString(),
  };
}
