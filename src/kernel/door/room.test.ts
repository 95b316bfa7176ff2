import type { Admissible } from '../admission/priority.js';
import { RoomTaken, RoomTold } from './room.js';

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
    tell(2);
    tell(2);
    expect(takeAll('charge', 5)).toBe(2);
  });

  it('counts those as let in of whom the last telling may not have known', () => {
    tell(3);
    expect(takeAll('charge', 3)).toBe(3);
    tell(3);
    expect(takeAll('charge', 3)).toBe(0);
    tell(3);
    expect(takeAll('charge', 3)).toBe(3);
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
    tell(1);
    takeAll('charge', 4);
    expect(told.takeRefused('charge')).toBe(3);
    expect(told.takeRefused('charge')).toBe(0);
    expect(told.takeRefused('read')).toBe(0);
  });
});
