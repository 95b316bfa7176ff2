/** The files of the built app, as they lie beside this one. Read once: they change with the release only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Absent where it would not be smaller. */
  readonly gzip?: Buffer;
}

export interface BuiltApp {
  /** The page, with `{{nonce}}` where each answer puts its own. */
  readonly page: string;
  /** By the path below `/backoffice/`. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const PAGE = 'index.html';

/** @returns undefined where the app was not built */
export function readBuiltApp(folder: string): BuiltApp | undefined {
  const page = path.join(folder, PAGE);
  if (!existsSync(page)) return undefined;
  // What has no type here, such as the bundler's own notes, is nobody's business.
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => typeOf(file) !== undefined);
  return {
    page: readFileSync(page, 'utf8'),
    assets: new Map(files.map((file) => [file.split(path.sep).join('/'), readAsset(path.join(folder, file))])),
  };
}

const typeOf = (file: string): string | undefined => TYPES[path.extname(file)];

function readAsset(file: string): Asset {
  const body = readFileSync(file);
  const gzip = gzipSync(body, { level: 9 });
  return {
    type: typeOf(file) ?? 'application/octet-stream',
    body,
    ...(gzip.length < body.length ? { gzip } : {}),
  };
}
