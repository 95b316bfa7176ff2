import fc from 'fast-check';
import {
  ADMIN_AREAS,
  isPermitted,
  isWithin,
  levelFor,
  LEVELS,
  permissions,
  readPermissions,
  type Permissions,
} from './permissions.js';

const WANTED = ['read', 'manage', 'authorise'] as const;
const anyPermissions: fc.Arbitrary<Permissions> = fc
  .dictionary(fc.constantFrom(...ADMIN_AREAS), fc.constantFrom(...LEVELS))
  .map((each) => ({ ...each }));

describe('permissions', () => {
  it.each([
    ['GET', 'read'],
    ['HEAD', 'read'],
    ['POST', 'manage'],
    ['PUT', 'manage'],
    ['PATCH', 'manage'],
    ['DELETE', 'manage'],
    ['ANYTHING', 'manage'],
  ])('ask for %s what it does', (method, wanted) => {
    expect(levelFor(method)).toBe(wanted);
  });

  it('grant a level and those below it, in the one area', () => {
    for (const area of ADMIN_AREAS) {
      for (const level of LEVELS) {
        for (const wanted of WANTED) {
          expect(isPermitted({ [area]: level }, area, wanted)).toBe(LEVELS.indexOf(level) >= LEVELS.indexOf(wanted));
          for (const other of ADMIN_AREAS) {
            if (other !== area) expect(isPermitted({ [area]: level }, other, wanted)).toBe(false);
          }
        }
      }
    }
  });

  it('are everything where there are none', () => {
    for (const area of ADMIN_AREAS) expect(isPermitted(undefined, area, 'authorise')).toBe(true);
  });

  it('lie within others exactly when whatever they grant the others grant too', () => {
    fc.assert(
      fc.property(anyPermissions, anyPermissions, (some, all) => {
        const grants = ADMIN_AREAS.every((area) =>
          WANTED.every((wanted) => !isPermitted(some, area, wanted) || isPermitted(all, area, wanted)),
        );
        expect(isWithin(some, all)).toBe(grants);
        expect(isWithin(some, undefined)).toBe(true);
        expect(isWithin(undefined, all)).toBe(false);
      }),
    );
  });

  it('that another version wrote grant what is known of them, and nothing else', () => {
    expect(readPermissions({ ledger: 'manage', tomorrow: 'authorise', routing: 'everything', team: 7 })).toEqual({
      ledger: 'manage',
    });
    expect(readPermissions({})).toEqual({});
    for (const value of [null, 'ledger', 7]) expect(() => readPermissions(value)).toThrow();
  });

  it.each([[{ nothing: 'read' }], [{ ledger: 'all' }], [[]], ['ledger'], [null]])('are not %j', (value) => {
    expect(permissions.safeParse(value).success).toBe(false);
  });
});
