import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AdminPrincipal } from '../access/principal.js';
import { Databases } from '../database/databases.js';
import { describeError } from '../errors/describe.js';
import type { DomainError } from '../errors/domain-error.js';
import { ERROR_REGISTRY } from '../errors/registry.js';
import { shownPart } from '../http/address-parts.js';
import { holdsCardNumber } from '../http/card-numbers.js';
import { newUuid } from '../ids/ids.js';
import { Logger } from '../observability/logger.js';
import { appendEvents } from '../outbox/append.js';
import { newEvent, type NewEvent } from '../outbox/event.js';
import { adminAnswered, adminAsked, adminRefused, type Act, type ActOutcome } from './audit.events.js';

/** The same refusal of the same admin is told no oftener than so: a page that asks again and again is one story. */
const REFUSED_EVERY_MS = 10_000;
const MAX_REMEMBERED = 5_000;

/** Tells of what admins do, by events that the audit log is kept from. */
@Injectable()
export class AuditTrail {
  private readonly refusals = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REFUSED_EVERY_MS });

  constructor(
    private readonly databases: Databases,
    private readonly logger: Logger,
  ) {}

  /**
   * Before anything is changed.
   * @throws when it cannot be noted: then it must not be done
   */
  async asked(act: Act): Promise<void> {
    await this.append(newEvent(adminAsked, contextOf(act), act));
  }

  /** Afterwards. What was done is not undone when this cannot be noted: that it was asked for is. */
  async answered(act: Act, outcome: ActOutcome): Promise<void> {
    try {
      await this.append(newEvent(adminAnswered, contextOf(act), { ...act, ...outcome }));
    } catch (error) {
      this.logger.error(
        { request_id: act.request_id, error: describeError(error) },
        'what came of a request of an admin is missing in the audit log',
      );
    }
  }

  /** Somebody we know was not let in. */
  async refused(principal: AdminPrincipal, request: FastifyRequest, error: DomainError): Promise<void> {
    const act = actOf(principal, request, { hashBody: false });
    const key = [act.actor_id, act.session_id, act.method, act.route, error.code].join(' ');
    if (this.refusals.has(key)) return;
    this.refusals.set(key, true);
    const outcome = { status: ERROR_REGISTRY[error.code].status, code: error.code };
    await this.append(newEvent(adminRefused, contextOf(act), { ...act, ...outcome }));
  }

  private append(event: NewEvent): Promise<void> {
    return this.databases.of('kernel').transaction((tx) => appendEvents(tx, [event]));
  }
}

function contextOf(act: Act) {
  return { aggregateId: act.actor_id, merchantId: null, cause: { correlationId: act.request_id } };
}

/** @param hashBody not where it may hold a password: the hash would let it be guessed */
export function actOf(
  principal: AdminPrincipal,
  request: FastifyRequest,
  { hashBody }: { readonly hashBody: boolean },
): Act {
  return {
    act_id: newUuid(),
    at: new Date().toISOString(),
    actor_id: principal.id,
    session_id: principal.session?.id ?? null,
    address: request.ip,
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? '',
    parameters: parametersOf(request.params),
    body_sha256: hashBody ? hashOf(request.rawBody) : null,
  };
}

/** Null for what could be guessed from its hash: a card number has few digits that are not known. */
function hashOf(body: Buffer | undefined): string | null {
  if (body === undefined || holdsCardNumber(body.toString('latin1'))) return null;
  return createHash('sha256').update(body).digest('hex');
}

function parametersOf(params: unknown): Record<string, string> {
  const entries = Object.entries((params ?? {}) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(entries.map(([name, value]) => [name, shownPart(String(value))]));
}
