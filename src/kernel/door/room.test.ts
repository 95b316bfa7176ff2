import type { Admissible } from '../admission/priority.js';
import { RoomTaken, RoomTold, TURNS_UNCOUNTED } from './room.js';

let told: RoomTold;
let taken: RoomTaken;
beforeEach(() => {
  told = new RoomTold();
  taken = new RoomTaken(told.memory);
});

const tell = (charges: number): void => told.tell((priority) => (priority === 'charge' ? charges : Infinity));
const takeAll = (priority: Admissible, times: number): number =>
  Array.from({ length: times }, () => taken.take(priority)).filter(Boolean).length;

describe('room', () => {
  it('is taken place by place, and told anew', () => {
    tell(3);
    expect(takeAll('charge', 5)).toBe(3);
    for (let turn = 0; turn < TURNS_UNCOUNTED; turn += 1) tell(2);
    expect(takeAll('charge', 5)).toBe(2);
  });

  it('counts those as let in of whom the last tellings may not have known', () => {
    tell(3);
    expect(takeAll('charge', 2)).toBe(2);
    for (let turn = 1; turn < TURNS_UNCOUNTED; turn += 1) {
      tell(3);
      expect(takeAll('charge', 3)).toBe(turn === 1 ? 1 : 0);
    }
    tell(3);
    expect(takeAll('charge', 3)).toBe(2);
    tell(3);
    expect(takeAll('charge', 3)).toBe(1);
  });

  it('has forgotten everybody after a pause', () => {
    tell(3);
    takeAll('charge', 3);
    for (let turn = 0; turn < 10 * TURNS_UNCOUNTED; turn += 1) tell(3);
    expect(takeAll('charge', 5)).toBe(3);
  });

  it('is there for each priority by itself, and may be without bounds', () => {
    tell(0);
    expect(takeAll('charge', 2)).toBe(0);
    expect(takeAll('webhook', 1_000)).toBe(1_000);
  });

  it('is nothing before it was told, below one, and below nothing', () => {
    expect(takeAll('charge', 1)).toBe(0);
    tell(0.9);
    expect(takeAll('charge', 1)).toBe(0);
    tell(-5);
    expect(takeAll('charge', 1)).toBe(0);
  });

  it('counts whom it refuses, once', () => {
    for (let each = 0; each < 3; each += 1) taken.countRefused('no_room', 'charge');
    taken.countRefused('merchant_limit', 'read');
    expect(told.takeRefused('no_room', 'charge')).toBe(3);
    expect(told.takeRefused('no_room', 'charge')).toBe(0);
    expect(told.takeRefused('no_room', 'read')).toBe(0);
    expect(told.takeRefused('merchant_limit', 'read')).toBe(1);
  });
});
