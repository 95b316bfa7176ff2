import { ERROR_REGISTRY } from '../kernel/errors/registry.js';
import type { Pages } from './generated-docs.js';

const NOTICE = '<!-- Written by `npm run docs` from src/kernel/errors/registry.ts. -->';

/** docs/problems: one page per code, and the list of all. */
export function problemPages(): Pages {
  const entries = Object.entries(ERROR_REGISTRY).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows = entries.map(
    ([code, spec]) =>
      `| [\`${code}\`](${code}.md) | ${spec.status} | ${spec.title} | ${spec.retryable ? 'yes' : 'no'} |`,
  );
  const index = [
    NOTICE,
    '# Problems',
    '',
    'Every error is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`, `instance`, and with',
    '`code` (stable: decide by it), `request_id`, `retryable` and, for broken rules, `errors[]` of `{pointer, code}`.',
    '`retryable` means that the same request, with the same `Idempotency-Key`, may be sent again.',
    '',
    '| code | status | title | retryable |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
  const pages = entries.map(([code, spec]): [string, string] => [
    `${code}.md`,
    [
      NOTICE,
      `# ${spec.title}`,
      '',
      `| code | status | retryable |`,
      '|---|---|---|',
      `| \`${code}\` | ${spec.status} | ${spec.retryable ? 'yes, with the same key' : 'no'} |`,
      '',
      spec.help,
      '',
    ].join('\n'),
  ]);
  return new Map([['README.md', index.join('\n')], ...pages]);
}
