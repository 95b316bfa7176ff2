/** A gateway for tests that says what the test wants, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `hang`: no answer ever. `reset`: the connection is cut after the request was read. */
export type ScriptedAnswer = { readonly status: number; readonly body: unknown } | 'hang' | 'reset';

/** Time for a call that is answered: the machine may be busy with other things. */
export const PATIENT_MS = 10_000;
/** Time for a call that is never answered. */
export const IMPATIENT_MS = 400;

export function patienceFor(answer: ScriptedAnswer): number {
  return answer === 'hang' ? IMPATIENT_MS : PATIENT_MS;
}

export interface ScriptedGateway {
  readonly baseUrl: string;
  /** In the order of their arrival. */
  readonly calls: ReceivedCall[];
  /** What is answered from now on. */
  answerWith(script: (call: ReceivedCall) => ScriptedAnswer): void;
  close(): Promise<void>;
}

export async function startScriptedGateway(): Promise<ScriptedGateway> {
  const calls: ReceivedCall[] = [];
  let script: (call: ReceivedCall) => ScriptedAnswer = () => 'reset';
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const call = { method, url, headers, body };
      calls.push(call);
      const answer = script(call);
      if (answer === 'hang') return;
      if (answer === 'reset') {
        request.socket.destroy();
        return;
      }
      response.statusCode = answer.status;
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answerWith: (next) => {
      script = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
