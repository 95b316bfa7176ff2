import type { Problem } from '../generated/index.js';

/** What the server answered instead of what was asked for. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }

  get code(): string {
    return this.problem.code;
  }

  /** What is wrong with a field of the body. */
  fieldError(pointer: string): string | undefined {
    const found = this.problem.errors?.find((error) => error.pointer === pointer);
    return found === undefined ? undefined : (found.detail ?? found.code);
  }
}

/** Nobody answered: no network, or no server. */
export class Unreachable extends Error {}

/** The person closed the dialog that asked for the second factor: nothing was done, and there is nothing to complain of. */
export class StepUpCancelled extends Error {}

export const isProblem = (error: unknown, code?: string): error is ApiProblem =>
  error instanceof ApiProblem && (code === undefined || error.code === code);

export const fieldErrorOf = (error: unknown, pointer: string): string | undefined =>
  error instanceof ApiProblem ? error.fieldError(pointer) : undefined;

/** @returns the answer as a problem, also where something between us and the server answered in another way */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && 'code' in read && 'title' in read)
      return new ApiProblem(read as Problem);
  } catch {
    // It was not JSON.
  }
  return new ApiProblem({
    type: 'about:blank',
    title: response.statusText === '' ? `HTTP ${response.status}` : response.statusText,
    status: response.status,
    instance: new URL(response.url).pathname,
    code: 'service.unavailable',
    request_id: response.headers.get('request-id') ?? '',
    retryable: response.status >= 500,
  });
}
