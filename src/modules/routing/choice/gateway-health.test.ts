import type { Evidence } from './evidence.js';
import { GatewayHealth } from './gateway-health.js';
import type { Segment } from './segment.js';

const WORKED: Evidence = { worked: true, weight: 1 };
const FAILED: Evidence = { worked: false, weight: 1 };

class Scene {
  readonly outages: Segment[][] = [];
  readonly acquitted: Segment[][] = [];
  readonly health = new GatewayHealth({
    usual: () => 0.95,
    onOutage: (segments) => this.outages.push([...segments]),
    onNetworkDown: (segments) => this.acquitted.push([...segments]),
  });
  now = 0;

  see(story: readonly (readonly [account: string, network: string, evidence: Evidence | undefined])[]): void {
    for (const [accountId, network, evidence] of story) {
      this.now += 10;
      this.health.observe({ accountId, network }, evidence, this.now, this.now);
    }
  }

  state(accountId: string, network: string): string {
    return this.health.state({ accountId, network }, this.now);
  }
}

const times = (count: number, ...story: readonly (readonly [string, string, Evidence | undefined])[]) =>
  Array.from({ length: count }, () => story).flat();

describe("gateways' health", () => {
  it('shuts out one network at one gateway, and nothing else', () => {
    const scene = new Scene();
    scene.see(times(3, ['alpha', 'mtn', FAILED], ['beta', 'mtn', WORKED], ['alpha', 'card', WORKED]));
    expect(scene.state('alpha', 'mtn')).toBe('open');
    expect([scene.state('alpha', 'card'), scene.state('beta', 'mtn')]).toEqual(['closed', 'closed']);
    expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(false);
    expect(scene.outages).toEqual([[{ accountId: 'alpha', network: 'mtn' }]]);
  });

  it('shuts out a gateway that fails in two networks, also for a third that was not tried', () => {
    const scene = new Scene();
    scene.see([['alpha', 'telecel', WORKED]]);
    scene.see(
      times(2, ['alpha', 'mtn', FAILED], ['beta', 'mtn', WORKED], ['alpha', 'card', FAILED], ['beta', 'card', WORKED]),
    );
    expect(scene.state('alpha', 'telecel')).toBe('open');
    expect(scene.state('beta', 'mtn')).toBe('closed');
  });

  it('holds a network that fails at two gateways for down, and the gateways for well', () => {
    const scene = new Scene();
    scene.see(times(4, ['alpha', 'card', WORKED], ['beta', 'card', WORKED]));
    scene.see(times(2, ['alpha', 'mtn', FAILED], ['beta', 'mtn', FAILED]));
    expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(true);
    expect([scene.outages.length, scene.acquitted.length]).toEqual([0, 1]);
    expect([scene.state('alpha', 'mtn'), scene.state('beta', 'mtn'), scene.state('alpha', 'card')]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
    scene.see(times(20, ['alpha', 'mtn', FAILED]));
    expect(scene.state('alpha', 'mtn')).toBe('closed');
  });

  it('does not blame the network for a dead gateway and a bad moment of another', () => {
    const scene = new Scene();
    scene.see([
      ['alpha', 'mtn', FAILED],
      ['beta', 'mtn', FAILED],
      ['alpha', 'mtn', FAILED],
      ['beta', 'mtn', WORKED],
      ['alpha', 'mtn', FAILED],
      ['alpha', 'mtn', FAILED],
    ]);
    expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(false);
    expect(scene.state('alpha', 'mtn')).toBe('open');
  });

  it('never blames the network while it works through another gateway, however long one is dead and the other has its bad moments', () => {
    const scene = new Scene();
    for (let payment = 0; payment < 400; payment += 1) {
      scene.see([
        ['alpha', 'mtn', FAILED],
        ['beta', 'mtn', payment % 10 === 0 ? FAILED : WORKED],
      ]);
      expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(false);
    }
  });

  it('sees a network come back with the first success there', () => {
    const scene = new Scene();
    scene.see(times(2, ['alpha', 'mtn', FAILED], ['beta', 'mtn', FAILED]));
    scene.now += 3_000;
    scene.health.beginProbe({ accountId: 'alpha', network: 'mtn' }, scene.now);
    scene.see([['alpha', 'mtn', WORKED]]);
    expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(false);
  });

  it('never shuts anybody out for what customers do', () => {
    const scene = new Scene();
    scene.see(times(500, ['alpha', 'mtn', undefined], ['alpha', 'card', undefined]));
    expect([scene.state('alpha', 'mtn'), scene.state('alpha', 'card')]).toEqual(['closed', 'closed']);
    expect(scene.health.isNetworkDown('mtn', scene.now)).toBe(false);
  });

  it('wants a probe of gateway and segment, where both are shut', () => {
    const scene = new Scene();
    scene.see(times(3, ['alpha', 'mtn', FAILED], ['alpha', 'card', FAILED]));
    const segment = { accountId: 'alpha', network: 'mtn' };
    expect(scene.health.mayProbe(segment, scene.now)).toBe(false);
    scene.now += 2_500;
    expect(scene.health.mayProbe(segment, scene.now)).toBe(true);
    scene.health.beginProbe(segment, scene.now);
    expect(scene.health.mayProbe(segment, scene.now)).toBe(false);
    scene.see([['alpha', 'mtn', WORKED]]);
    expect(scene.state('alpha', 'mtn')).toBe('closed');
  });
});
