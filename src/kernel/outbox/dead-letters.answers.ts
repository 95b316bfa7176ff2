/** What /docs, and the back-office's client, are told that dead letters look like. */
import { z } from 'zod';
import { listOf } from '../http/answers.js';

const deadLetterAnswer = z
  .object({
    object: z.literal('dead_letter'),
    id: z.string().describe('`<event id>:<consumer>`'),
    consumer: z.string(),
    event_id: z.string(),
    type: z.string(),
    aggregate_id: z.string(),
    attempts: z.int(),
    last_error: z.string().nullable(),
    abandoned_at: z.iso.datetime(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLettersAnswer = listOf(deadLetterAnswer).extend({ total: z.int() });

export const replayAnswer = z.object({ object: z.literal('replay'), replayed: z.int() }).meta({ id: 'Replay' });
