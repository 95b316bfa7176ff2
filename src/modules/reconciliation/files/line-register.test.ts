import { LineRegister } from './line-register.js';

describe('the register of lines', () => {
  it('knows each of a hundred thousand ids again, with its line and whether it says the same', () => {
    const register = new LineRegister();
    let known = 0;
    for (let at = 1; at <= 100_000; at++) if (register.add(`id-${at}`, `content ${at}`, at) !== undefined) known += 1;
    expect(known).toBe(0);
    for (let at = 1; at <= 100_000; at += 97) {
      expect(register.add(`id-${at}`, `content ${at}`, 1)).toEqual({ firstLine: at, same: true });
      expect(register.add(`id-${at}`, `content ${at + 1}`, 1)).toEqual({ firstLine: at, same: false });
    }
  });
});
