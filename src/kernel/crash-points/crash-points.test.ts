import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { armCrashPoints, crashPoint } from './crash-points.js';
import { CRASH_POINTS } from './crash-point-names.js';
import { EnvError, readEnv } from '../../config/env.js';

const SOURCES = path.resolve('src');

/** Every point that a source names, one entry per place. */
function placed(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(path.join(SOURCES, file), 'utf8').matchAll(/\bcrashPoint\('([a-z_.]+)'\)/g)])
    .map(([, name]) => name ?? '');
}

describe('crash points', () => {
  it('are each declared, and each placed once', () => {
    expect(placed().sort()).toEqual([...CRASH_POINTS].sort());
  });

  it('do nothing unless they are armed', () => {
    expect(() => crashPoint('payments.after_accept')).not.toThrow();
  });

  it('refuse orders for a point that does not exist', () => {
    expect(() => armCrashPoints('payments.nowhere:1:kill')).toThrow('payments.nowhere');
  });

  it('cannot be armed in production', () => {
    const settings = { SIMULATION_CRASH_POINTS: 'payments.after_accept:1:kill' };
    expect(() => readEnv({ ...settings, NODE_ENV: 'production' })).toThrow(EnvError);
    expect(readEnv({ ...settings, NODE_ENV: 'test' }).simulationCrashPoints).toBe('payments.after_accept:1:kill');
    expect(readEnv({ NODE_ENV: 'test' }).simulationCrashPoints).toBeUndefined();
  });

  it.each(['kill', 'payments.after_accept:0:kill', 'payments.after_accept:1:die'])('are not armed by %s', (orders) => {
    expect(() => readEnv({ SIMULATION_CRASH_POINTS: orders })).toThrow('SIMULATION_CRASH_POINTS');
  });
});
