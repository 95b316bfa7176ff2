import fc from 'fast-check';
import { sha256 } from './fact.js';
import { hashLeaf, LEAF_BYTES, pathsOf, rootFrom, rootOf } from './merkle.js';

/** RFC 6962, section 2.1, as it stands there. */
function rootByTheBook(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first !== undefined && leaves.length === 1) return hashLeaf(first);
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return sha256(
    Buffer.concat([Buffer.from([1]), rootByTheBook(leaves.slice(0, left)), rootByTheBook(leaves.slice(left))]),
  );
}

const leaf = fc.uint8Array({ minLength: LEAF_BYTES, maxLength: LEAF_BYTES }).map((bytes) => Buffer.from(bytes));

describe('a Merkle tree', () => {
  it('is that of RFC 6962', () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 70 }), (leaves) => {
        expect(rootOf(Buffer.concat(leaves))).toEqual(rootByTheBook(leaves));
      }),
    );
  });

  it('has a path from every leaf to its root, and from that place alone', () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 40 }), (leaves) => {
        const digests = Buffer.concat(leaves);
        const root = rootOf(digests);
        const indexes = leaves.map((_, index) => index);
        for (const [index, path] of pathsOf(digests, indexes).entries()) {
          const own = leaves[index] ?? Buffer.alloc(LEAF_BYTES);
          expect(rootFrom(own, index, leaves.length, path)).toEqual(root);
          for (const other of indexes.filter((each) => each !== index))
            expect(rootFrom(own, other, leaves.length, path)).not.toEqual(root);
          expect(rootFrom(own, index, leaves.length, [...path, root])).not.toEqual(root);
          if (path.length > 0) expect(rootFrom(own, index, leaves.length, path.slice(1))).not.toEqual(root);
          const changed = Buffer.from(own);
          changed[index % LEAF_BYTES] = (changed[index % LEAF_BYTES] ?? 0) ^ 1;
          expect(rootFrom(changed, index, leaves.length, path)).not.toEqual(root);
        }
      }),
    );
  });

  it('does not take a node for a leaf', () => {
    const [a, b] = [Buffer.alloc(LEAF_BYTES, 1), Buffer.alloc(LEAF_BYTES, 2)];
    const forged = Buffer.concat([hashLeaf(a), hashLeaf(b)]);
    expect(rootOf(forged)).not.toEqual(rootOf(Buffer.concat([a, b])));
  });
});
