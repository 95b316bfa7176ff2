import { Injectable } from '@nestjs/common';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { findTargets } from './deliveries.store.js';
import { EndpointsStore, type Owner } from './endpoints.store.js';
import { EventsStore, type DeliveryRow, type EventRow } from './events.store.js';
import { WebhookSender } from './webhook-sender.js';

export interface Redelivery {
  readonly deliveries: readonly DeliveryRow[];
  /** Endpoints that have answered 2xx to this event before: they will see it again. */
  readonly deliveredBefore: ReadonlySet<string>;
}

/** Sends an event again: a new delivery of the same event id, with a fresh signature. */
@Injectable()
export class RedeliverEvent {
  constructor(
    private readonly events: EventsStore,
    private readonly endpoints: EndpointsStore,
    private readonly sender: WebhookSender,
  ) {}

  /**
   * @param endpointId only to this one, whether or not it filters the event out; otherwise to all that want it
   * @throws {DomainError} `event.not_found`, `webhook_endpoint.not_found`, `webhook_endpoint.disabled`, `event.no_endpoint`
   */
  async execute(owner: Owner, eventId: string, endpointId: string | undefined): Promise<Redelivery> {
    const event = await this.events.find(owner, eventId);
    if (event === undefined) throw new DomainError('event.not_found');
    const endpointIds = endpointId === undefined ? await this.wantedBy(event) : [await this.enabled(owner, endpointId)];
    const before = await this.events.deliveriesOf(owner, event.id);
    const deliveries = await this.events.redeliver(
      event.id,
      endpointIds.map((id) => ({ id: newUuid(), endpointId: id })),
    );
    for (const id of endpointIds) this.sender.leftBehind(id);
    return {
      deliveries,
      deliveredBefore: new Set(before.filter((row) => row.status === 'delivered').map((row) => row.endpointId)),
    };
  }

  private async wantedBy(event: EventRow): Promise<string[]> {
    const targets = await findTargets(this.endpoints.database, [event]);
    const wanting = targets.filter((target) => target.events.length === 0 || target.events.includes(event.type));
    if (wanting.length === 0) throw new DomainError('event.no_endpoint');
    return wanting.map((target) => target.endpointId);
  }

  private async enabled(owner: Owner, endpointId: string): Promise<string> {
    const endpoint = await this.endpoints.find(owner, endpointId);
    if (endpoint === undefined) throw new DomainError('webhook_endpoint.not_found');
    if (endpoint.status !== 'enabled') throw new DomainError('webhook_endpoint.disabled');
    return endpoint.id;
  }
}
