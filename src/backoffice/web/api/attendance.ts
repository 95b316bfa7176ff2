/** Whether somebody is there. What the app asks by itself, while nobody is, must not keep a session alive. */

/** What was asked so long after somebody touched something is hardly what they asked for. */
const ATTENDED_MS = 20_000;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** To open the app, or to come back to it, is a sign too. */
let lastSign = Date.now();

for (const sign of SIGNS) {
  globalThis.addEventListener(
    sign,
    () => {
      lastSign = Date.now();
    },
    { passive: true, capture: true },
  );
}

export const isAnybodyThere = (): boolean => Date.now() - lastSign < ATTENDED_MS;
