import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { levelFor } from '../access/permissions.js';
import type { Principal } from '../access/principal.js';
import { ERROR_REGISTRY } from '../errors/registry.js';
import { toDomainError } from '../http/problem.js';
import { actOf, AuditTrail } from './audit-trail.js';

/** Notes what an admin changes: before it is done, and what came of it. What only reads is not noted. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  /** Whether what a body was can be told from the log, by its hash. */
  protected readonly hashesBodies: boolean = true;

  constructor(private readonly trail: AuditTrail) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { principal?: Principal }>();
    const { principal } = request;
    if (principal?.kind !== 'admin' || levelFor(request.method) === 'read') return next.handle();
    const act = actOf(principal, request, { hashBody: this.hashesBodies });
    await this.trail.asked(act);
    try {
      const result = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const { statusCode } = context.switchToHttp().getResponse<FastifyReply>();
      await this.trail.answered(act, { status: statusCode, code: null });
      return of(result);
    } catch (error) {
      const { code } = toDomainError(error);
      await this.trail.answered(act, { status: ERROR_REGISTRY[code].status, code });
      throw error;
    }
  }
}

/** The same for what people do about their own account: their passwords are in those bodies. */
@Injectable()
export class OwnAccountAuditInterceptor extends AuditInterceptor {
  protected override readonly hashesBodies = false;
}
