import path from 'node:path';
import type { Command } from 'commander';
import { CommandError } from './command-error.js';
import { eventPages } from './event-pages.js';
import { differences, DOCS, writePages, type Pages } from './generated-docs.js';
import { problemPages } from './problem-pages.js';

/** What is generated, by folder below docs/. */
const GENERATED: Readonly<Record<string, () => Pages>> = { problems: problemPages, events: eventPages };

export function addDocsCommands(program: Command): void {
  const add = (command: string, folders: readonly string[]): void => {
    program
      .command(command)
      .description(`write ${folders.map((folder) => `docs/${folder}`).join(' and ')} from the source`)
      .option('--check', 'write nothing; fail if something is out of date')
      .action(async (options: { check?: boolean }) => {
        for (const folder of folders) await generate(folder, options.check === true);
      });
  };
  for (const folder of Object.keys(GENERATED)) add(folder, [folder]);
  add('docs', Object.keys(GENERATED));
}

async function generate(folder: string, check: boolean): Promise<void> {
  const pages = GENERATED[folder]?.() ?? new Map<string, string>();
  const target = path.join(DOCS, folder);
  if (!check) {
    await writePages(target, pages);
    return;
  }
  const found = await differences(target, pages);
  if (found.length > 0) throw new CommandError(`docs/${folder}: ${found.join('; ')}. Run npm run docs`);
}
