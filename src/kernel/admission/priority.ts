/**
 * What gives way to what when there is too much: a gateway's word about money that has moved is worth more than a new charge, and
 * that more than a look at a list.
 */
import { RouteConfig } from '@nestjs/platform-fastify';

/** From the last to give way to the first. `exempt`: health and metrics are always answered. */
export type Priority = 'exempt' | 'webhook' | 'charge' | 'write' | 'read' | 'export';

export type Admissible = Exclude<Priority, 'exempt'>;

/** The part of all places that requests of a priority may use: the rest is kept for those above them. */
export const SHARE_OF_PLACES: Readonly<Record<Admissible, number>> = {
  // More than all of them: what a gateway tells us once may not be told again for an hour.
  webhook: 2,
  charge: 1,
  write: 0.9,
  read: 0.8,
  export: 0.5,
};

/** Sets the priority of a handler's requests; Nest passes it on from handlers only. Without it: `read` for GET and HEAD, `write` for the rest. */
export const Prioritised = (priority: Priority): ReturnType<typeof RouteConfig> => RouteConfig({ priority });

export function priorityOf(method: string, config: unknown): Priority {
  if (typeof config === 'object' && config !== null && 'priority' in config) return config.priority as Priority;
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
