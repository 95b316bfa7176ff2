/** How long a condition may take to come true: far above anything the tests wait for. Milliseconds. */
const PATIENCE_MS = 4_000;

/** Asked this often: short, so that tests end soon after their condition. Milliseconds. */
const STEP_MS = 10;

/** Waits until `attempt` returns without throwing, and returns its value; throws its last error when patience ends. */
export async function eventually<T>(attempt: () => Promise<T> | T): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await sleep(STEP_MS);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
