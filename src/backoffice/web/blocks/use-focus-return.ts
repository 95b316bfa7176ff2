import { useLayoutEffect } from 'react';

/**
 * A dialog that is taken away while it is open leaves the focus nowhere, and whoever uses the keyboard begins again at the top: it goes back to where it
 * was before, or to the content where that is gone.
 */
export function useFocusReturn(opened: boolean): void {
  // Before the dialog takes the focus, which it does a moment after it is shown.
  useLayoutEffect(() => {
    if (!opened) return undefined;
    const before = document.activeElement;
    return () => {
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
      const back = isThere ? before : document.querySelector('main');
      back?.focus();
    };
  }, [opened]);
}
