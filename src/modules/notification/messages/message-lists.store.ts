/** Messages as operators look at them. Addresses are masked in the table already; what is sealed is not read here. */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { earliestUuid } from '../../../kernel/ids/ids.js';
import type { ListWindow } from '../list-cursor.js';

export interface MessageRow {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly language: string;
  readonly audience: string;
  readonly subjectId: string | null;
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  readonly addressee: string;
  readonly count: number;
  readonly state: string;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly expiresAt: Date;
  readonly lastError: string | null;
  readonly providerId: string | null;
  readonly resendOf: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

export interface MessageAttemptRow {
  readonly attempt: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: string;
  readonly error: string | null;
  readonly providerId: string | null;
}

export interface MessageFilter {
  readonly state?: string | undefined;
  readonly channel?: string | undefined;
  readonly kind?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** A row is made by the database's clock and its id by the process's: their difference is far below this. */
const CLOCK_SLACK_MS = 300_000;

@Injectable()
export class MessageListsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('notification');
  }

  list(filter: MessageFilter, window: ListWindow): Promise<MessageRow[]> {
    const { state, channel, kind, createdAfter, createdBefore } = filter;
    return this.database.prisma.notificationMessage.findMany({
      ...window,
      where: {
        ...window.where,
        ...(state === undefined ? {} : { state }),
        ...(channel === undefined ? {} : { channel }),
        ...(kind === undefined ? {} : { kind }),
        createdAt: {
          ...(createdAfter === undefined ? {} : { gt: createdAfter }),
          ...(createdBefore === undefined ? {} : { lt: createdBefore }),
        },
        // Ids begin with the time, so that the index ends the search where the time does.
        AND: [
          ...(createdAfter === undefined
            ? []
            : [{ id: { gte: earliestUuid(createdAfter.getTime() - CLOCK_SLACK_MS) } }]),
          ...(createdBefore === undefined
            ? []
            : [{ id: { lte: earliestUuid(createdBefore.getTime() + CLOCK_SLACK_MS) } }]),
        ],
      },
    });
  }

  async find(id: string): Promise<(MessageRow & { readonly log: readonly MessageAttemptRow[] }) | undefined> {
    const row = await this.database.prisma.notificationMessage.findUnique({
      where: { id },
      include: { log: { orderBy: { attempt: 'asc' } } },
    });
    return row ?? undefined;
  }
}
