/**
 * Two rules that need types to be judged, since anything may be called `query` or `env`:
 * SQL is run, and Prisma used, in the kernel and in *.store.ts files only; process.env is read in src/config/env.ts only.
 */
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from './planted-tree.js';

export interface SourceViolation {
  readonly rule: 'sql-in-kernel-and-stores-only' | 'settings-come-from-config';
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
}

/** The ways to PostgreSQL that Tx, Queryable and Database have. */
const SQL_MEMBERS: ReadonlySet<string> = new Set(['query', 'prisma', 'pool']);

const mayRunSql = (file: string): boolean =>
  file.startsWith('src/kernel/') || file.endsWith('.store.ts') || isTest(file);
/** The sandbox is a program of its own; tests are not shipped. */
const mayReadEnv = (file: string): boolean =>
  file === 'src/config/env.ts' || file.startsWith('src/sandbox/') || isTest(file);
const isTest = (file: string): boolean => file.endsWith('.test.ts');

/**
 * Judges everything below src/.
 * @param planted files that are not on disk, by path relative to the project
 */
export function sourceViolations(planted: Readonly<Record<string, string>> = {}): readonly SourceViolation[] {
  const { program, relative } = load(planted);
  const checker = program.getTypeChecker();
  const found: SourceViolation[] = [];
  for (const source of program.getSourceFiles()) {
    const file = relative(source.fileName);
    if (!file.startsWith('src/') || file.startsWith('src/kernel/database/generated/')) continue;
    const note = (rule: SourceViolation['rule'], node: ts.Node): void => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ rule, file, line: line + 1 });
    };
    const visit = (node: ts.Node): void => {
      for (const symbol of membersUsedBy(node, checker)) {
        if (!mayRunSql(file) && isWayToSql(symbol, relative)) note('sql-in-kernel-and-stores-only', node);
        if (!mayReadEnv(file) && isProcessEnv(symbol)) note('settings-come-from-config', node);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

interface Loaded {
  readonly program: ts.Program;
  relative(file: string): string;
}

function load(planted: Readonly<Record<string, string>>): Loaded {
  const configFile = path.join(ROOT, 'tsconfig.json');
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(configFile, ts.sys.readFile).config, ts.sys, ROOT);
  const virtual = new Map(Object.entries(planted).map(([file, text]) => [path.join(ROOT, file), text]));
  const options: ts.CompilerOptions = { ...config.options, noEmit: true };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (file) => virtual.get(path.normalize(file)) ?? readFile.call(host, file);
  host.fileExists = (file) => virtual.has(path.normalize(file)) || fileExists.call(host, file);
  const onDisk = config.fileNames.filter((file) => file.startsWith(path.join(ROOT, 'src/')));
  const program = ts.createProgram({ rootNames: [...onDisk, ...virtual.keys()], options, host });
  return { program, relative: (file) => path.relative(ROOT, file).split(path.sep).join('/') };
}

/** The members that a node reaches for: `x.query`, `x['query']`, `const { query } = x`, `({ query }: Tx) => ...`. */
function membersUsedBy(node: ts.Node, checker: ts.TypeChecker): readonly ts.Symbol[] {
  if (ts.isPropertyAccessExpression(node)) return present(checker.getSymbolAtLocation(node.name));
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return present(checker.getTypeAtLocation(node.expression).getProperty(node.argumentExpression.text));
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = node.propertyName ?? node.name;
    if (ts.isIdentifier(name) || ts.isStringLiteral(name)) {
      return present(checker.getTypeAtLocation(node.parent).getProperty(name.text));
    }
  }
  return [];
}

const present = (symbol: ts.Symbol | undefined): readonly ts.Symbol[] => (symbol === undefined ? [] : [symbol]);

function isWayToSql(symbol: ts.Symbol, relative: (file: string) => string): boolean {
  if (!SQL_MEMBERS.has(symbol.name)) return false;
  return (symbol.declarations ?? []).some((declaration) => {
    const file = relative(declaration.getSourceFile().fileName);
    return file === 'src/kernel/database/tx.ts' || file === 'src/kernel/database/database.ts';
  });
}

/** `env` as @types/node declares it on NodeJS.Process. */
function isProcessEnv(symbol: ts.Symbol): boolean {
  if (symbol.name !== 'env') return false;
  return (symbol.declarations ?? []).some(
    (declaration) =>
      declaration.getSourceFile().fileName.includes('/node_modules/@types/node/') &&
      ts.isInterfaceDeclaration(declaration.parent) &&
      declaration.parent.name.text === 'Process',
  );
}
