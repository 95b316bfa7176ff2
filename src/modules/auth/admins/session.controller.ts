import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSession, PublicApi, SessionApi } from '../../../kernel/access/access.js';
import type { SessionPrincipal } from '../../../kernel/access/principal.js';
import { SessionCache } from '../../../kernel/access/session-cache.js';
import { noSessionCookie, sessionCookie } from '../../../kernel/access/session-token.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import { viewOwnSession, viewSession, type OwnSessionView, type SessionView } from './admins.views.js';
import { OwnAccount } from './own-account.js';
import { MAX_PASSWORD } from './password.js';
import { SecondFactorStore } from './second-factor.store.js';
import { SessionsStore } from './sessions.store.js';
import type { Origin } from './sessions.js';
import { SignIn } from './sign-in.js';
import { Answers } from '../../../kernel/http/answers.js';
import { ownSessionAnswer, recoveryCodesAnswer, secondFactorAnswer, sessionsAnswer } from './admins.answers.js';

/** RFC 5321 allows no longer one. */
const MAX_EMAIL = 254;
const CODE = /^\d{6}$/;
const MAX_RECOVERY_CODE = 40;
/** Of the list of sessions: whoever looks wants to know of the last weeks. */
const SHOWN_SESSIONS = 50;

export class ShownFactorBody {
  /** Of the authenticator app. */
  @IsOptional()
  @IsString()
  @Matches(CODE)
  code?: string;

  /** Instead of a code, once. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_RECOVERY_CODE)
  recovery_code?: string;
}

export class SignInBody extends ShownFactorBody {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_EMAIL)
  email!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_PASSWORD)
  password!: string;
}

export class ConfirmBody {
  @IsString()
  @Matches(CODE)
  code!: string;
}

export class ChangePasswordBody {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_PASSWORD)
  current_password!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_PASSWORD)
  new_password!: string;
}

/** Signing in and out, and what people do about themselves. */
@SessionApi()
@Controller('admin/v1/session')
export class SessionController {
  constructor(
    private readonly signIn: SignIn,
    private readonly account: OwnAccount,
    private readonly sessions: SessionsStore,
    private readonly factors: SecondFactorStore,
    private readonly guard: SessionCache,
  ) {}

  @Post()
  @PublicApi()
  @Described(
    'sign in',
    'Answers with the session as a cookie, and with the token that goes with whatever changes something. Without a second factor one is set up first: see `proved_at`.',
  )
  @Answers({ 201: { description: 'The session', schema: ownSessionAnswer } })
  async start(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ValidBody(SignInBody) body: SignInBody,
  ): Promise<OwnSessionView> {
    const { email, password, code, recovery_code: recoveryCode } = body;
    const { token } = await this.signIn.execute({ email, password, code, recoveryCode, origin: originOf(request) });
    const person = await this.guard.find(token);
    // It is there, but the guard is behind: the same again in a moment.
    if (person === undefined) throw new DomainError('service.unavailable', { retryAfterSeconds: 1 });
    noStore(reply).header('set-cookie', sessionCookie(token));
    return this.shown(person);
  }

  @Get()
  @Described('the session that this is')
  @Answers({ 200: { description: 'The session', schema: ownSessionAnswer } })
  async read(
    @CurrentSession() person: SessionPrincipal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OwnSessionView> {
    noStore(reply);
    return this.shown(person);
  }

  @Delete()
  @HttpCode(204)
  @Described('sign out')
  @Answers({ 204: { description: 'It is over' } })
  async end(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.account.signOut(person, originOf(request));
    void reply.header('set-cookie', noSessionCookie());
  }

  @Post('prove')
  @HttpCode(200)
  @Described('show the second factor anew', 'For five minutes things can be authorised then.')
  @Answers({ 200: { description: 'The session', schema: ownSessionAnswer } })
  async prove(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @ValidBody(ShownFactorBody) body: ShownFactorBody,
  ): Promise<OwnSessionView> {
    const shown = { code: body.code, recoveryCode: body.recovery_code };
    await this.account.prove(person, shown, originOf(request));
    return this.shown((await this.guard.find(person.session.token)) ?? person);
  }

  @Post('second_factor')
  @Described(
    'begin to set up a second factor',
    'The secret is shown this once. It counts from when a code of it is shown.',
  )
  @Answers({ 201: { description: 'What goes into an authenticator app', schema: secondFactorAnswer } })
  async beginSecondFactor(
    @CurrentSession() person: SessionPrincipal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly object: 'second_factor'; readonly secret: string; readonly uri: string }> {
    noStore(reply);
    return { object: 'second_factor', ...(await this.account.beginSecondFactor(person)) };
  }

  @Post('second_factor/confirm')
  @HttpCode(200)
  @Described('show the first code of a new second factor', 'Answers recovery codes, which are shown this once.')
  @Answers({ 200: { description: 'Recovery codes', schema: recoveryCodesAnswer } })
  async confirmSecondFactor(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ValidBody(ConfirmBody) { code }: ConfirmBody,
  ): Promise<RecoveryCodesView> {
    noStore(reply);
    return viewCodes(await this.account.confirmSecondFactor(person, code, originOf(request)));
  }

  @Post('recovery_codes')
  @Described('new recovery codes instead of those there are', 'The second factor must have been shown lately.')
  @Answers({ 201: { description: 'Recovery codes', schema: recoveryCodesAnswer } })
  async renewRecoveryCodes(
    @CurrentSession() person: SessionPrincipal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecoveryCodesView> {
    noStore(reply);
    return viewCodes(await this.account.renewRecoveryCodes(person));
  }

  @Post('password')
  @HttpCode(204)
  @Described('change the password', 'The second factor must have been shown lately. Ends all other sessions.')
  @Answers({ 204: { description: 'It is changed' } })
  async changePassword(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @ValidBody(ChangePasswordBody) body: ChangePasswordBody,
  ): Promise<void> {
    const passwords = { current: body.current_password, next: body.new_password };
    await this.account.changePassword(person, passwords, originOf(request));
  }

  @Get('all')
  @Described('the last sessions of the person')
  @Answers({ 200: { description: 'Sessions', schema: sessionsAnswer } })
  async list(
    @CurrentSession() person: SessionPrincipal,
  ): Promise<{ readonly object: 'list'; readonly data: readonly SessionView[]; readonly has_more: false }> {
    const data = (await this.sessions.list(person.id, SHOWN_SESSIONS)).map(viewSession);
    return { object: 'list', data, has_more: false };
  }

  private async shown(person: SessionPrincipal): Promise<OwnSessionView> {
    const [admin, left] = await Promise.all([this.account.read(person), this.factors.codesLeft(person.id)]);
    return viewOwnSession(person, admin, left);
  }
}

interface RecoveryCodesView {
  readonly object: 'recovery_codes';
  readonly codes: readonly string[];
}

const viewCodes = (codes: readonly string[]): RecoveryCodesView => ({ object: 'recovery_codes', codes });

export function originOf(request: FastifyRequest): Origin {
  return {
    address: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    correlationId: request.id,
  };
}

/** Secrets are in no cache. */
function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}
