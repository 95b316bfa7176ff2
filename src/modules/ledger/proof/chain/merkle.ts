/**
 * Merkle trees as RFC 6962 (section 2.1) builds them: what is hashed for a leaf begins with 0, for a node with 1, so that none can pass
 * for the other; and a tree of any size has one shape.
 */
import { DIGEST_BYTES, sha256 } from './fact.js';

/** Bytes of a leaf: two digests, the second of which may be zeros. */
export const LEAF_BYTES = 2 * DIGEST_BYTES;

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** @param leaf the two digests */
export function hashLeaf(leaf: Buffer): Buffer {
  return sha256(Buffer.concat([LEAF, leaf]));
}

function hashNode(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([NODE, left, right]));
}

/** The nodes of every level, the leaves' hashes first. One that has no neighbour is itself one of the next level. */
function levelsOf(digests: Buffer): readonly (readonly Buffer[])[] {
  let level: Buffer[] = [];
  for (let at = 0; at < digests.length; at += LEAF_BYTES) level.push(hashLeaf(digests.subarray(at, at + LEAF_BYTES)));
  const levels = [level];
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index], level[index + 1]];
      if (left !== undefined) above.push(right === undefined ? left : hashNode(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** @param digests one leaf after the other; at least one */
export function rootOf(digests: Buffer): Buffer {
  const root = levelsOf(digests).at(-1)?.[0];
  if (root === undefined) throw new RangeError('a tree has at least one leaf');
  return root;
}

/** What proves that leaves are in a tree: the neighbours on their ways to the root, from the lowest up. */
export function pathsOf(digests: Buffer, indexes: readonly number[]): readonly (readonly Buffer[])[] {
  const levels = levelsOf(digests);
  return indexes.map((index) => {
    const path: Buffer[] = [];
    for (let depth = 0, at = index; depth < levels.length - 1; depth += 1, at >>= 1) {
      const neighbour = levels[depth]?.[at ^ 1];
      if (neighbour !== undefined) path.push(neighbour);
    }
    return path;
  });
}

/** The root of the tree of `count` leaves in which `leaf` is at `index`, or undefined when the path is not of such a tree. */
export function rootFrom(leaf: Buffer, index: number, count: number, path: readonly Buffer[]): Buffer | undefined {
  let [at, last, node] = [index, count - 1, hashLeaf(leaf)];
  if (index < 0 || index > last) return undefined;
  for (const neighbour of path) {
    // One without a neighbour goes up as it is.
    while (at === last && at % 2 === 0 && last > 0) [at, last] = [at >> 1, last >> 1];
    if (last === 0) return undefined;
    node = at % 2 === 1 ? hashNode(neighbour, node) : hashNode(node, neighbour);
    [at, last] = [at >> 1, last >> 1];
  }
  while (at === last && at % 2 === 0 && last > 0) [at, last] = [at >> 1, last >> 1];
  return last === 0 ? node : undefined;
}
