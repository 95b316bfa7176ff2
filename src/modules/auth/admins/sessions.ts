import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  adminChanged,
  sessionEnded,
  sessionProved,
  sessionStarted,
  signInRefused,
} from '../../../contracts/auth.events.js';
import { SessionCache } from '../../../kernel/access/session-cache.js';
import { hashSessionToken, newSessionToken } from '../../../kernel/access/session-token.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type EventContext } from '../../../kernel/outbox/event.js';
import type { AdminRow } from './admins.store.js';
import { RolesStore } from './roles.store.js';
import { SessionsStore, type EndedReason, type SessionRow } from './sessions.store.js';

/** A session ends after so long, however busy it is. That it ends when nobody uses it is the guard's (kernel/access). */
const LASTS_SECONDS = 12 * 3_600;
/** How long a new session may take to reach the guard, which hears of it by an event, until its person is told of it all the same. */
const KNOWN_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 25;
/** As in the table. */
const MAX_USER_AGENT = 300;
const MAX_ADDRESS = 64;

/** Which request it was of. */
export interface Cause {
  readonly correlationId: string;
}

/** Where a request came from, as its person sees it in the list of sessions. */
export interface Origin extends Cause {
  readonly address: string;
  readonly userAgent: string;
}

export type RefusedReason = 'wrong_password' | 'wrong_code' | 'disabled';

export interface StartedSession {
  readonly session: SessionRow;
  /** Shown to the browser and kept nowhere. */
  readonly token: string;
}

/** Sessions as they begin and end. What begins and ends is in the caller's transaction, with the event that tells the guard. */
@Injectable()
export class Sessions {
  constructor(
    private readonly store: SessionsStore,
    private readonly roles: RolesStore,
    private readonly guard: SessionCache,
  ) {}

  /** @param proved the second factor was shown just now */
  async start(tx: Tx, admin: AdminRow, proved: boolean, origin: Origin): Promise<StartedSession> {
    const token = newSessionToken();
    const session = await this.store.insert(tx, {
      id: newUuid(),
      adminId: admin.id,
      address: origin.address.slice(0, MAX_ADDRESS),
      userAgent: origin.userAgent.slice(0, MAX_USER_AGENT),
      lastsSeconds: LASTS_SECONDS,
    });
    const startedAt = session.startedAt.toISOString();
    await appendEvents(tx, [
      newEvent(sessionStarted, contextOf(session.id, origin), {
        session_id: session.id,
        token_hash: hashSessionToken(token).toString('hex'),
        started_at: startedAt,
        expires_at: session.expiresAt.toISOString(),
        proved_at: proved ? startedAt : null,
        admin: await this.known(tx, admin),
      }),
    ]);
    return { session, token };
  }

  /** Somebody was not let in as a person that there is: a story of its own, since nothing else came of it. */
  async refused(admin: AdminRow, reason: RefusedReason, origin: Origin): Promise<void> {
    const payload = {
      admin_id: admin.id,
      address: origin.address.slice(0, MAX_ADDRESS),
      user_agent: origin.userAgent.slice(0, MAX_USER_AGENT),
      reason,
    };
    await this.store.database.transaction((tx) =>
      appendEvents(tx, [newEvent(signInRefused, contextOf(admin.id, origin), payload)]),
    );
  }

  /** The second factor was shown in a session. */
  async prove(tx: Tx, sessionId: string, cause: Cause): Promise<void> {
    const now = await databaseNow(tx);
    const payload = { session_id: sessionId, proved_at: now.toISOString() };
    await appendEvents(tx, [newEvent(sessionProved, contextOf(sessionId, cause), payload)]);
  }

  /** Ends one session of somebody, or all, or all but one. */
  async end(
    tx: Tx,
    which: { readonly adminId: string; readonly id?: string; readonly but?: string; readonly reason: EndedReason },
    cause: Cause,
  ): Promise<number> {
    const ids = await this.store.end(tx, which);
    await appendEvents(
      tx,
      ids.map((id) => newEvent(sessionEnded, contextOf(id, cause), { session_id: id })),
    );
    return ids.length;
  }

  /** Tells the guard what people may do from now on. Their versions have gone up. */
  async announce(tx: Tx, admins: readonly AdminRow[], cause: Cause): Promise<void> {
    const events = [];
    for (const admin of admins)
      events.push(newEvent(adminChanged, contextOf(admin.id, cause), await this.known(tx, admin)));
    await appendEvents(tx, events);
  }

  /** Waits until the guard knows a session, so that whoever is told of it can use it; but not for ever: the guard may be behind. */
  async untilKnown(token: string, proved: boolean): Promise<void> {
    const deadline = Date.now() + KNOWN_WITHIN_MS;
    while (Date.now() < deadline) {
      const known = await this.guard.find(token);
      if (known !== undefined && (!proved || known.session.provedLately)) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** What the guard has to know of a person. */
  private async known(tx: Tx, admin: AdminRow) {
    const role = await this.roles.get(tx, admin.role);
    return {
      admin_id: admin.id,
      version: admin.version,
      permissions: { ...role.permissions },
      disabled: admin.disabledAt !== null,
    };
  }
}

function contextOf(aggregateId: string, { correlationId }: Cause): EventContext {
  return { aggregateId, merchantId: null, cause: { correlationId } };
}
