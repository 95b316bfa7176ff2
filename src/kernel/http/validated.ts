import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { holdsCardNumber } from './card-numbers.js';
import { validateBody, validateQuery } from './dto-validator.js';
import { findUnstorable } from './storable-text.js';

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

/** Nothing of ours has more than three levels; what 64 KB of brackets can nest overflows the stack of whoever walks through it. */
const MAX_DEPTH = 32;

function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  return levels === 0 || Object.values(value).some((member) => nestsDeeperThan(member, levels - 1));
}

/** A digit of a card number, or a character that cannot be stored, may hide behind a \u escape: then what it means is searched. */
function refuseDangerousText(request: FastifyRequest): void {
  if (nestsDeeperThan(request.body, MAX_DEPTH)) {
    throw new DomainError('request.invalid', { detail: `The body is nested deeper than ${MAX_DEPTH} levels.` });
  }
  const raw = request.rawBody?.toString('latin1') ?? '';
  const hasEscapes = raw.includes('\\u');
  if (holdsCardNumber(hasEscapes ? JSON.stringify(request.body) : raw)) throw new DomainError('request.card_number');
  const pointer = hasEscapes ? findUnstorable(request.body) : undefined;
  if (pointer !== undefined)
    throw new DomainError('request.invalid', { errors: [{ pointer, code: 'unstorable_character' }] });
}

/** The body, checked against a class-validator DTO: `@ValidBody(CreatePayment) body: CreatePayment`. */
export const ValidBody = createParamDecorator((target: Class<object>, context: ExecutionContext): object => {
  const request = requestOf(context);
  if (Buffer.isBuffer(request.body)) throw new DomainError('request.unsupported_media_type');
  refuseDangerousText(request);
  return validateBody(target, request.body ?? {});
});

/** The query parameters, checked against a class-validator DTO. */
export const ValidQuery = createParamDecorator((target: Class<object>, context: ExecutionContext): object =>
  validateQuery(target, requestOf(context).query),
);

/** The raw bytes of the body; empty when there is none. */
export const RawBody = createParamDecorator(
  (_: unknown, context: ExecutionContext): Buffer => requestOf(context).rawBody ?? Buffer.alloc(0),
);
