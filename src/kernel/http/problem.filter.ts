import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../errors/describe.js';
import { ERROR_REGISTRY } from '../errors/registry.js';
import { Logger } from '../observability/logger.js';
import { sendProblem, toDomainError } from './problem.js';

/** Turns everything thrown into problem+json, and logs what is ours to mend. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toDomainError(thrown);
    const { status } = ERROR_REGISTRY[error.code];
    // Being busy is counted, not told once per request.
    if (status >= 500 && error.code !== 'service.overloaded') {
      const cause = error.cause ?? thrown;
      this.logger.error(
        {
          request_id: request.id,
          code: error.code,
          error: describeError(cause),
          stack: cause instanceof Error ? cause.stack : undefined,
        },
        'a request failed',
      );
    }
    if (reply.sent) return;
    sendProblem(error, request, reply);
  }
}
