import { SetMetadata } from '@nestjs/common';
import { z } from 'zod';

export const ANSWERS_OF = 'sankofa:answers';

export interface Answer {
  readonly description: string;
  /** Absent: there is no body. */
  readonly schema?: z.ZodType;
}

/** What /docs says that a handler answers, by status, in place of what its method makes of it. Read only when somebody asks for the document. */
export const Answers = (answers: Readonly<Record<number, Answer>>): MethodDecorator => SetMetadata(ANSWERS_OF, answers);

/** One page of a list, as all lists answer. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ object: z.literal('list'), data: z.array(item), has_more: z.boolean() });
