/** A gateway's own client library, in a process of its own, with the sandbox where it believes its gateway to be. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { forgetProcess, noteProcess } from '../../../support/test-run.js';

const FOLDER = path.resolve('test/integration/sandbox/clients');

export interface ClientLibraryOptions {
  /** The package's name; `drive.mjs` knows how it is opened. */
  readonly library: string;
  /** Where it is installed; our own dependencies when missing. */
  readonly folder?: string;
  /** What it is opened with. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The sandbox's address, by the host that the library calls. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ClientLibrary {
  /**
   * Calls `call`, a path of names into the client, and gives what it returned.
   * @throws what it threw, with its name and message
   */
  call<T = Answer>(call: string, ...args: readonly unknown[]): Promise<T>;
  /** The hosts it tried to reach that are not the gateway's. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/** What an answer of any gateway is looked into with: nothing is known of it before it is asserted. */
export type Answer = Record<string, unknown>;

interface Message {
  readonly ready?: true;
  readonly refused?: string;
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

export async function startClientLibrary(options: ClientLibraryOptions): Promise<ClientLibrary> {
  const child = fork(path.join(FOLDER, 'drive.mjs'), [], {
    execArgv: ['--import', path.join(FOLDER, 'redirect.mjs')],
    env: {
      PATH: process.env['PATH'],
      CLIENT_LIBRARY: options.library,
      CLIENT_SETTINGS: JSON.stringify(options.settings),
      CLIENT_HOSTS: JSON.stringify(options.hosts ?? {}),
      ...(options.folder === undefined ? {} : { CLIENT_FOLDER: options.folder }),
      ...options.env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.library} did not start`);
  noteProcess(pid, options.library);
  const exited = once(child, 'exit').then(() => forgetProcess(pid));
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const refused: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.ready) resolve();
      if (message.refused !== undefined) refused.push(message.refused);
      const call = message.id === undefined ? undefined : waiting.get(message.id);
      if (call === undefined || message.id === undefined) return;
      waiting.delete(message.id);
      const { error } = message;
      if (error === undefined) call.resolve(message.value);
      else call.reject(Object.assign(new Error(error.message), { name: error.name }));
    });
    child.once('exit', () => {
      const ended = new Error(`${options.library} ended`);
      reject(ended);
      for (const call of waiting.values()) call.reject(ended);
    });
  });
  await ready;
  let calls = 0;
  return {
    refused,
    call: <T>(call: string, ...args: readonly unknown[]) =>
      new Promise<T>((resolve, reject) => {
        const id = calls++;
        waiting.set(id, { resolve: (value) => resolve(value as T), reject });
        child.send({ id, call, args });
      }),
    close: async () => {
      child.kill();
      await exited;
    },
  };
}
