import { createHarness, type Harness } from './harness.js';
import { pending, ScriptedGateway, succeeded } from './scripted-gateway.js';
import { eventually } from '../../support/eventually.js';
import { writeFileSync } from 'node:fs';
it('bench', async () => {
  const g = new ScriptedGateway('first');
  let harness: Harness;
  const waits: Promise<void>[] = [];
  g.onCharge = (r) => {
    setTimeout(() => {
      waits.push(harness.webhook(g, r.reference));
    }, 50);
    return pending();
  };
  g.onStatus = (r) => succeeded(r);
  harness = await createHarness([g]);
  const N = 10000;
  const t = performance.now();
  const cpu = process.cpuUsage();
  for (let i = 0; i < N; i += 100) {
    await harness.handle(Array.from({ length: 100 }, () => harness.created()));
  }
  const planned = performance.now() - t;
  await eventually(
    async () => {
      const [r] = await harness.database.query<{ n: string }>(
        "SELECT count(*) AS n FROM routing.payment WHERE state = 'routed'",
      );
      expect(Number(r?.n)).toBe(N);
    },
    { timeoutMs: 60000, everyMs: 50 },
  );
  const ms = performance.now() - t;
  const used = process.cpuUsage(cpu);
  writeFileSync(
    '/tmp/hb-routing-bench.txt',
    JSON.stringify({
      N,
      planned,
      ms,
      perSecond: N / (ms / 1000),
      cpuMsPerPayment: (used.user + used.system) / 1000 / N,
      queries: g.queries.length,
    }),
  );
  await Promise.all(waits);
  await harness.close();
}, 100000);
