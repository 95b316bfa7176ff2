import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PublicApi } from '../access/access.js';
import { Prioritised } from '../admission/priority.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';

/** What supervisors, balancers and Prometheus ask. Not for the public: put them behind the network's own walls. */
@Controller()
@PublicApi()
export class OperationsController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  /** The process lives. */
  @Prioritised('exempt')
  @Get('healthz')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process should be sent requests: 200 or 503. */
  @Prioritised('exempt')
  @Get('readyz')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready, checks } = await this.health.readiness();
    await reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks });
  }

  @Prioritised('exempt')
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
