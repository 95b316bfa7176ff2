import type { Command } from 'commander';
import { CONSUMERS } from '../contracts/consumers.js';
import { encodeId } from '../kernel/ids/ids.js';
import { listDeadLetters, replayDeadLetters, type DeadLetter } from '../kernel/outbox/dead-letters.js';
import { idOf, integer } from './arguments.js';
import { CommandError } from './command-error.js';
import { print, withEveryDatabase } from './with-databases.js';

const DEFAULT_LIMIT = 20;
/** More than a person reads; scripts page with --starting-after. */
const MAX_LIMIT = 1_000;

export function addDeadLettersCommands(program: Command): void {
  const deadLetters = program.command('dead-letters').description('events that a consumer gave up on');
  deadLetters
    .command('list')
    .description('newest first, with the total')
    .option('--consumer <name>', 'of this consumer only', consumerName)
    .option('--limit <n>', 'how many', integer(1, MAX_LIMIT), DEFAULT_LIMIT)
    .option('--starting-after <id>', 'the last dead letter of the previous page (evt_...:consumer)', cursor)
    .action(async (options: { consumer?: string; limit: number; startingAfter?: DeadLetterCursor }) => {
      await withEveryDatabase(async (databases) => {
        const { letters, total } = await listDeadLetters(databases, options);
        print({ total, data: letters.map(shown) });
      });
    });
  deadLetters
    .command('replay')
    .description('try again what a consumer gave up on: one event, or all of them')
    .requiredOption('--consumer <name>', 'the consumer', consumerName)
    .option('--event <id>', 'this event only (evt_...)', idOf('event'))
    .action(async (options: { consumer: string; event?: string }) => {
      await withEveryDatabase(async (databases) => {
        const scope = { consumer: options.consumer, eventId: options.event };
        print({ replayed: await replayDeadLetters(databases, scope) });
      });
    });
}

interface DeadLetterCursor {
  readonly eventId: string;
  readonly consumer: string;
}

function cursor(text: string): DeadLetterCursor {
  const [eventId = '', consumer = ''] = text.split(':', 2);
  return { eventId: idOf('event')(eventId), consumer: consumerName(consumer) };
}

function shown(letter: DeadLetter): object {
  const eventId = encodeId('event', letter.eventId);
  return { id: `${eventId}:${letter.consumer}`, ...letter, eventId };
}

/** A misspelt consumer would look like one without dead letters. */
function consumerName(text: string): string {
  if (!CONSUMERS.some((consumer) => consumer.name === text)) {
    throw new CommandError(`There is no consumer ${text}; there are: ${CONSUMERS.map(({ name }) => name).join(', ')}`);
  }
  return text;
}
