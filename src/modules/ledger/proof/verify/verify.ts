/** All that can be verified of a ledger: `npm run cli -- ledger verify`. Changes nothing, and may be run beside everything else. */
import { lineOf, type Finding } from './finding.js';
import { verifyBooks, type BooksReport } from './verify-books.js';
import { verifyChain, type ChainOptions, type ChainReport } from './verify-chain.js';

export type VerifyOptions = Omit<ChainOptions, 'progress'> & {
  /** A line for whoever waits. */
  progress(line: string): void;
};

export interface Verification {
  readonly chain: ChainReport;
  readonly books: BooksReport;
  readonly isSound: boolean;
  readonly seconds: { readonly chain: number; readonly books: number };
}

const MS_A_SECOND = 1_000;

export async function verifyLedger({ progress, ...options }: VerifyOptions): Promise<Verification> {
  const startedAt = performance.now();
  const secondsSince = (): number => (performance.now() - startedAt) / MS_A_SECOND;
  const seconds = { chain: 0, books: 0 };
  // At the same time: one waits for the database while the other does not.
  const [chain, books] = await Promise.all([
    verifyChain({ ...options, progress: (entries, of) => progress(`chain: ${entries} of ${of} entries`) }).finally(
      () => (seconds.chain = secondsSince()),
    ),
    verifyBooks({ ...options, progress: (entries) => progress(`books: ${entries} entries`) }).finally(
      () => (seconds.books = secondsSince()),
    ),
  ]);
  return {
    chain,
    books,
    isSound: chain.findings.length === 0 && books.contradictions.length === 0,
    seconds,
  };
}

export interface VerificationView {
  readonly object: 'ledger_verification';
  readonly sound: boolean;
  readonly blocks: number;
  readonly height: number;
  readonly leaves: number;
  readonly entries: number;
  readonly unchained_entries: number;
  readonly accounts: number;
  readonly seconds: Verification['seconds'];
  /** What was done to what had been chained. */
  readonly findings: readonly Finding[];
  /** What contradicts what in the books as they stand. */
  readonly contradictions: readonly Finding[];
}

export function viewVerification({ chain, books, isSound, seconds }: Verification): VerificationView {
  return {
    object: 'ledger_verification',
    sound: isSound,
    blocks: chain.blocks,
    height: Number(chain.height),
    leaves: chain.leaves,
    entries: books.entries,
    unchained_entries: Number(books.unchained),
    accounts: books.accounts,
    seconds,
    findings: chain.findings,
    contradictions: books.contradictions,
  };
}

export function linesOf(view: VerificationView): readonly string[] {
  const { findings, contradictions } = view;
  return [
    ...findings.map(lineOf),
    ...contradictions.map((each) => `contradiction: ${lineOf(each)}`),
    `${view.blocks} blocks with ${view.leaves} leaves, ${view.entries} entries of ${view.accounts} accounts, ${view.unchained_entries} not chained yet`,
    view.sound
      ? 'the ledger is what was chained, and adds up'
      : `${findings.length} findings, ${contradictions.length} contradictions`,
  ];
}
