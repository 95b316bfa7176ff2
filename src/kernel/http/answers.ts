import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

export const ANSWERS_OF = 'sankofa:answers';

export interface Answer {
  readonly description: string;
  readonly schema: z.ZodType;
}

/** What /docs says that a handler answers, by status, in place of what its method makes of it. Read only when somebody asks for the document. */
export const Answers = (answers: Readonly<Record<number, Answer>>): MethodDecorator => SetMetadata(ANSWERS_OF, answers);
