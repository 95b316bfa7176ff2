/** `npm run bench:report`: writes the page of docs/benchmarks. See ../README.md. */
import { fileURLToPath } from 'node:url';
import '../../scripts/typescript/register.mjs';

const { main } = await import('./main.ts');
try {
  main(process.argv.slice(2), fileURLToPath(new URL('../../', import.meta.url)), process.cwd());
} catch (error) {
  // What a user can put right is told in one line.
  if (!(error instanceof Error) || error.name !== 'BenchError') throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
