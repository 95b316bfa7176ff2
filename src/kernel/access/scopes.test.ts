import { isGranted, scopeFor, SCOPES } from './scopes.js';

describe('scopes', () => {
  it.each([
    ['GET', 'payments:read'],
    ['HEAD', 'payments:read'],
    ['POST', 'payments:write'],
    ['PUT', 'payments:write'],
    ['PATCH', 'payments:write'],
    ['DELETE', 'payments:write'],
  ])('ask for %s what it does', (method, wanted) => {
    expect(scopeFor('payments', method)).toBe(wanted);
  });

  it('grant everything where there are none, and nothing that is not named otherwise', () => {
    for (const scope of SCOPES) {
      expect(isGranted(undefined, scope)).toBe(true);
      expect(isGranted(new Set(), scope)).toBe(false);
      for (const wanted of SCOPES) {
        const [area] = scope.split(':');
        const implied = scope.endsWith(':write') && wanted === `${area ?? ''}:read`;
        expect(isGranted(new Set([scope]), wanted)).toBe(scope === wanted || implied);
      }
    }
  });
});
