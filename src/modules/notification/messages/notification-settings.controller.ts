import { Controller, Get, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsBoolean, IsEmail, IsIn, IsOptional, Length, Matches, ValidateNested } from 'class-validator';
import { LANGUAGES, type Language } from '../../../config/message-settings.js';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import type { Owner } from '../endpoints.store.js';
import { addressOf } from './addressee.js';
import { MessageSettingsStore, type MessageSettingsRow } from './message-settings.store.js';

const MAX_NAME = 30;
/** A shop's name, and nothing that a mail program or a phone makes a link of: no colon, slash or at, and no letter right behind a point. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} &'’+,-]|\.(?![\p{L}\p{N}]))*$/u;

export class ReceiptsDto {
  @IsBoolean()
  sms!: boolean;

  @IsBoolean()
  email!: boolean;
}

export class NotificationSettingsDto {
  @ValidateNested()
  @Type(() => ReceiptsDto)
  receipts!: ReceiptsDto;

  /** In which language receipts, and what we tell you, are written. */
  @IsIn(LANGUAGES)
  language!: Language;

  /** What your customers know you as; receipts say whom they have paid. */
  @IsOptional()
  @Length(1, MAX_NAME)
  @Matches(NAME, { message: '$property must be a plain name' })
  name?: string | null;

  /** Who is told when a webhook endpoint was disabled. */
  @IsOptional()
  @IsEmail()
  @Length(3, 254)
  contact_email?: string | null;
}

export interface NotificationSettingsView {
  readonly object: 'notification_settings';
  readonly livemode: boolean;
  readonly receipts: { readonly sms: boolean; readonly email: boolean };
  readonly language: Language;
  readonly name: string | null;
  readonly contact_email: string | null;
}

/** What a merchant wants its customers, and itself, to be sent by e-mail and SMS. */
@MerchantApi('webhooks')
@Controller('v1/notification_settings')
export class NotificationSettingsController {
  constructor(private readonly store: MessageSettingsStore) {}

  @Get()
  @Described('what is sent by e-mail and SMS', 'Nothing, as long as nothing else was chosen.')
  async read(@CurrentMerchant() { merchantId, livemode }: MerchantPrincipal): Promise<NotificationSettingsView> {
    const owner = { merchantId, livemode };
    return view((await this.store.of(this.store.database.asTenant(owner), [owner]))(owner) ?? nothing(owner));
  }

  @Put()
  @Described(
    'choose what is sent by e-mail and SMS',
    'Takes the place of what was chosen before. Receipts go to the address and phone number that came with a payment; each counts for its own mode.',
  )
  async put(
    @CurrentMerchant() { merchantId, livemode }: MerchantPrincipal,
    @ValidBody(NotificationSettingsDto) body: NotificationSettingsDto,
  ): Promise<NotificationSettingsView> {
    const name = body.name ?? null;
    if (name === null && (body.receipts.sms || body.receipts.email))
      throw new DomainError('request.invalid', { errors: [{ pointer: '/name', code: 'required_with_receipts' }] });
    const contactEmail = body.contact_email ?? null;
    if (contactEmail !== null && addressOf('email', contactEmail) === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/contact_email', code: 'is_email' }] });
    const { sms, email } = body.receipts;
    const chosen = { name, receiptsSms: sms, receiptsEmail: email, language: body.language, contactEmail };
    return view(await this.store.put({ merchantId, livemode, ...chosen }));
  }
}

function nothing(owner: Owner): MessageSettingsRow {
  return { ...owner, name: null, receiptsSms: false, receiptsEmail: false, language: 'en', contactEmail: null };
}

function view(row: MessageSettingsRow): NotificationSettingsView {
  return {
    object: 'notification_settings',
    livemode: row.livemode,
    receipts: { sms: row.receiptsSms, email: row.receiptsEmail },
    language: row.language,
    name: row.name,
    contact_email: row.contactEmail,
  };
}
