import type { ErrorCode } from './registry.js';

/** One broken rule: where (an RFC 6901 JSON pointer into the body, or the name of a parameter) and which. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail?: string;
}

export interface DomainErrorOptions {
  /** One sentence about this occurrence. Never a secret, never personal data. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Extra members of the problem document, for example `payment_id`. */
  readonly members?: Readonly<Record<string, string | number | boolean>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** What domain code throws: a literal code of the registry. How it looks over HTTP is decided in kernel/http. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[];
  readonly members: Readonly<Record<string, string | number | boolean>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    options: DomainErrorOptions = {},
  ) {
    super(
      options.detail === undefined ? code : `${code}: ${options.detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.detail = options.detail;
    this.errors = options.errors ?? [];
    this.members = options.members ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
