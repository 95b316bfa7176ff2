/** What /docs, and the back-office's client, are told that fee schedules look like. */
import { z } from 'zod';
import { dataVersion } from '../../../kernel/http/data-versions.answers.js';

export const feeScheduleAnswer = z
  .object({ object: z.literal('fee_schedule'), id: z.string(), ...dataVersion })
  .meta({ id: 'FeeSchedule' });
