import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSession, SessionApi, Unattended } from '../access/access.js';
import { isPermitted, type AdminArea } from '../access/permissions.js';
import type { SessionPrincipal } from '../access/principal.js';
import { SessionCache } from '../access/session-cache.js';
import { OVERLOADED } from '../admission/refusals.js';
import { Prioritised } from '../admission/priority.js';
import { Described } from '../http/described.js';
import { Changes } from './changes.js';

/** Windows that one process tells. Each costs a connection and a line now and then. */
export const MAX_STREAMS = 200;
/** A line is written no rarer, so that nobody in between takes the connection for dead; whether the session holds is looked at as often. */
const BEAT_MS = 15_000;

/** Who has not taken so much is not there any more. */
const MAX_UNTAKEN_BYTES = 64 * 1024;

/** What one must be allowed to read to be told of a module. Of auth everybody is told: who waits for whom is about all areas. */
const AREA_OF: Readonly<Record<string, AdminArea | undefined>> = {
  payments: 'payments',
  routing: 'routing',
  ledger: 'ledger',
  notification: 'webhooks',
  reconciliation: 'reconciliation',
};

const mayHear = ({ permissions }: SessionPrincipal, module: string): boolean => {
  const area = AREA_OF[module];
  return module === 'auth' || (area !== undefined && isPermitted(permissions, area, 'read'));
};

/** Where something has happened, as server-sent events: the back-office asks there again. */
@SessionApi()
@Controller('admin/v1/live')
export class LiveController {
  constructor(
    private readonly changes: Changes,
    private readonly sessions: SessionCache,
  ) {}

  // It lasts as long as the window is open: it must not take the place of a request that somebody waits for.
  @Prioritised('exempt')
  @Unattended()
  @Get()
  @Described(
    'be told where something has happened',
    'Server-sent events: `changed` with `{"modules": [...]}`, of those that the session may read, once a second at most; `over` when the session is. Does not keep the session alive.',
  )
  stream(@CurrentSession() person: SessionPrincipal, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (this.changes.watching >= MAX_STREAMS) throw OVERLOADED;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Balancers of the nginx kind would keep it all back.
      'x-accel-buffering': 'no',
      'request-id': request.id,
    });
    const tell = (text: string): void => {
      if (raw.writableLength > MAX_UNTAKEN_BYTES) raw.destroy();
      else raw.write(text);
    };
    tell(': here\n\n');
    let current = person;
    const stopWatching = this.changes.watch({
      changed: (modules) => {
        const heard = [...modules].filter((module) => mayHear(current, module));
        if (heard.length > 0) tell(`event: changed\ndata: ${JSON.stringify({ modules: heard })}\n\n`);
      },
      end: () => raw.end(),
    });
    const beat = setInterval(() => {
      void this.stillHolds(current).then((now) => {
        if (now === undefined) raw.end('event: over\ndata: {}\n\n');
        else tell(': still here\n\n');
        current = now ?? current;
      });
    }, BEAT_MS);
    raw.once('close', () => {
      clearInterval(beat);
      stopWatching();
    });
  }

  /** @returns the person as they are now; undefined: the session is over, or it cannot be known */
  private async stillHolds({ session }: SessionPrincipal): Promise<SessionPrincipal | undefined> {
    const now = await this.sessions.find(session.token, 'unattended').catch(() => undefined);
    if (now?.session === undefined || now.permissions === undefined) return undefined;
    return { ...now, session: now.session, permissions: now.permissions };
  }
}
