/** How a disturbance is played. */
import type { Moment } from '../director.js';
import type { World } from '../world/world.js';

export interface Scene {
  readonly world: World;
  readonly moment: Moment;
  /** Counts a disturbance that is met later than it is played. */
  readonly met: () => void;
}

/** @returns whether it was met; one that cannot be now (the process is frozen already) is not counted */
export type FaultPlayer = (scene: Scene) => Promise<boolean>;

/** Makes players of one family wait for each other. */
export function takingTurns(): (play: FaultPlayer) => FaultPlayer {
  let turn: Promise<unknown> = Promise.resolve();
  return (play) => (scene) => {
    const mine = turn.then(() => play(scene));
    turn = mine.catch(() => undefined);
    return mine;
  };
}
