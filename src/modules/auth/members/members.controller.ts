import { Controller, Delete, Get, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { LANGUAGES, type Language } from '../../../config/message-settings.js';
import { AdminApi } from '../../../kernel/access/access.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { AuthStore } from '../auth.store.js';
import { merchantUuid } from '../auth.views.js';
import { cursorOf, listed } from '../lists.js';
import { ChangeMembers } from './change-members.js';
import { MEMBER_CSV, memberAnswer, membersAnswer, viewMember, type MemberView } from './members.answers.js';
import { MembersStore, SUBJECTS, type MemberFields, type Subject } from './members.store.js';

const MAX_EMAIL = 254;
const MAX_NAME = 200;
/** A name that shows: not empty, no blanks around it, no line breaks. */
const NAME = /^\S(?:[^\r\n]*\S)?$/;
/** E.164. */
const PHONE = /^\+[1-9]\d{6,14}$/;

export class MerchantMemberBody {
  @IsEmail()
  @MaxLength(MAX_EMAIL)
  email!: string;

  /** In which language they are written to. */
  @IsIn(LANGUAGES)
  language!: Language;

  /** Of what they are told: endpoints and keys; payouts; or all of it, and who else is told. */
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(SUBJECTS, { each: true })
  subjects!: Subject[];

  @IsOptional()
  @IsString()
  @Length(1, MAX_NAME)
  @Matches(NAME)
  name?: string | null;

  /** In international form; they are sent SMS too. */
  @IsOptional()
  @IsString()
  @Matches(PHONE)
  phone?: string | null;
}

interface RequestWithId {
  readonly id: string;
}

/** Whom a merchant is told through: docs/adr/0035. */
@AdminApi('merchants')
@Controller('admin/v1/merchants/:id/members')
export class MembersController {
  constructor(
    private readonly merchants: AuthStore,
    private readonly store: MembersStore,
    private readonly members: ChangeMembers,
  ) {}

  @Get()
  @Described('whom a merchant is told through')
  @Answers({ 200: { description: 'Members; or CSV', schema: membersAnswer } })
  @AlsoCsv('members', MEMBER_CSV)
  async list(@Param('id') id: string, @ValidQuery(CsvPageQuery) query: CsvPageQuery): Promise<Page<MemberView>> {
    const merchantId = merchantUuid(id);
    const [merchant, rows] = await Promise.all([
      this.merchants.findMerchant(this.merchants.database, merchantId),
      this.store.list(merchantId, cursorOf(query, 'merchantMember')),
    ]);
    if (merchant === undefined) throw new DomainError('merchant.not_found');
    return listed(query, rows, viewMember);
  }

  @Post()
  @Described('tell somebody what concerns a merchant', 'By e-mail, and by SMS where there is a phone number.')
  @Answers({ 201: { description: 'The member', schema: memberAnswer } })
  async add(
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @ValidBody(MerchantMemberBody) body: MerchantMemberBody,
  ): Promise<MemberView> {
    const command = { merchantId: merchantUuid(id), correlationId: request.id, ...fieldsOf(body) };
    return viewMember(await this.members.add(command));
  }

  @Put(':member')
  @Described('change a member', 'All of it anew: what is left out is none.')
  @Answers({ 200: { description: 'The member', schema: memberAnswer } })
  async change(
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @Param('member') member: string,
    @ValidBody(MerchantMemberBody) body: MerchantMemberBody,
  ): Promise<MemberView> {
    const of = { merchantId: merchantUuid(id), id: memberUuid(member), correlationId: request.id };
    return viewMember(await this.members.change({ ...of, ...fieldsOf(body) }));
  }

  @Delete(':member')
  @HttpCode(204)
  @Described(
    'tell somebody nothing more',
    'What is known of them is deleted; what was about to be sent to them is not sent.',
  )
  @Answers({ 204: { description: 'They are removed' } })
  async remove(@Req() request: RequestWithId, @Param('id') id: string, @Param('member') member: string): Promise<void> {
    const of = { merchantId: merchantUuid(id), id: memberUuid(member), correlationId: request.id };
    await this.members.remove(of);
  }
}

function fieldsOf({ email, name, phone, language, subjects }: MerchantMemberBody): MemberFields {
  return { email: email.toLowerCase(), name: name ?? null, phone: phone ?? null, language, subjects };
}

function memberUuid(id: string): string {
  const uuid = decodeId('merchantMember', id);
  if (uuid === undefined) throw new DomainError('merchant_member.not_found');
  return uuid;
}
