import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { holdsCardNumber } from './card-numbers.js';
import { validateBody, validateQuery } from './dto-validator.js';

type Class<T extends object> = new () => T;

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of the body as they came, for signatures and for the search for card numbers. */
    rawBody?: Buffer;
  }
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

function refuseCardNumbers(request: FastifyRequest): void {
  const raw = request.rawBody?.toString('latin1') ?? '';
  // A digit may hide behind a \u escape; then the decoded form is searched.
  if (holdsCardNumber(raw.includes('\\u') ? JSON.stringify(request.body) : raw)) throw new DomainError('request.card_number');
}

/** The body, checked against a class-validator DTO: `@ValidBody(CreatePayment) body: CreatePayment`. */
export const ValidBody = createParamDecorator((target: Class<object>, context: ExecutionContext): object => {
  const request = requestOf(context);
  if (Buffer.isBuffer(request.body)) throw new DomainError('request.unsupported_media_type');
  refuseCardNumbers(request);
  return validateBody(target, request.body ?? {});
});

/** The query parameters, checked against a class-validator DTO. */
export const ValidQuery = createParamDecorator((target: Class<object>, context: ExecutionContext): object => validateQuery(target, requestOf(context).query));

/** The raw bytes of the body; empty when there is none. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext): Buffer => requestOf(context).rawBody ?? Buffer.alloc(0));
