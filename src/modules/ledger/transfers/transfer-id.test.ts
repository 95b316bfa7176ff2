import fc from 'fast-check';
import { z } from 'zod';
import { newUuid } from '../../../kernel/ids/ids.js';
import { transferIdOf } from './transfer-id.js';

describe('ids of transfers', () => {
  it('are the same for the same source and aspect, whatever the case, and differ otherwise', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (source, other) => {
        const id = transferIdOf(source, 'capture');
        expect(transferIdOf(source.toUpperCase(), 'capture')).toBe(id);
        expect(transferIdOf(source, 'gateway_fee')).not.toBe(id);
        if (other !== source) expect(transferIdOf(other, 'capture')).not.toBe(id);
      }),
    );
  });

  it('are well-formed UUIDs of version 8', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), (source, aspect) => {
        expect(transferIdOf(source, aspect)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(z.uuid().safeParse(transferIdOf(source, aspect)).success).toBe(true);
      }),
    );
  });

  it('keep the time of their source, so that new ones stand together in an index', () => {
    const source = newUuid();
    expect(transferIdOf(source, 'capture').slice(0, 13)).toBe(source.slice(0, 13));
  });

  it('do not change between releases, or redelivered events would be booked twice', () => {
    expect(transferIdOf('0191b6f0-1234-7000-8000-000000000001', 'capture')).toBe(
      '0191b6f0-1234-84b0-9b7b-9807c42705d4',
    );
  });
});
