/** The answer to a key, as it is sent. */
import type { FastifyReply } from 'fastify';

export interface KeyedAnswer {
  readonly status: number;
  /** JSON, exactly as stored under the key. */
  readonly body: string;
  readonly replayed: boolean;
}

/** The stored answer is sent as it is: a replay is byte for byte the same, and nothing is serialised twice. */
export async function sendKeyedAnswer(reply: FastifyReply, answer: KeyedAnswer): Promise<void> {
  if (answer.replayed) reply.header('idempotent-replayed', 'true');
  reply.status(answer.status).header('content-type', 'application/json; charset=utf-8');
  await reply.send(answer.body);
}
