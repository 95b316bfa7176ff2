import { z } from 'zod';
import { keysUsed } from '../kernel/access/key-use.js';
import { approvalEvents } from '../kernel/approvals/approvals.events.js';
import { accessEvents } from '../kernel/audit/audit.events.js';
import { authEvents } from './auth.events.js';
import { CONSUMERS, keepAudit } from './consumers.js';
import { ALL_EVENTS } from './index.js';
import { ledgerEvents } from './ledger.events.js';
import { notificationEvents } from './notification.events.js';
import { paymentsEvents } from './payments.events.js';
import { reconciliationEvents } from './reconciliation.events.js';
import { MAX_LISTED, listedLine, routingEvents, transactionsListed } from './routing.events.js';

const BY_MODULE = {
  access: [...accessEvents, ...approvalEvents, keysUsed],
  auth: authEvents,
  ledger: ledgerEvents,
  notification: notificationEvents,
  payments: paymentsEvents,
  reconciliation: reconciliationEvents,
  routing: routingEvents,
} as const;

describe('events', () => {
  it('have unique types', () => {
    const types = ALL_EVENTS.map((event) => event.type);
    expect(new Set(types).size).toBe(types.length);
  });

  it.each(Object.entries(BY_MODULE))('of %s carry its name, a past tense and a version', (module, events) => {
    for (const { type } of events) {
      const [owner, what = '', version] = type.split('.');
      expect(owner).toBe(module);
      expect(version).toMatch(/^v[1-9]\d*$/);
      expect(what).toMatch(/(ed|action_required|captured|withdrawn|told|carried_out)$/);
    }
  });

  it('are all listed', () => {
    const listed = new Set<string>(ALL_EVENTS.map((event) => event.type));
    const all = Object.values(BY_MODULE).flatMap((events) => events.map((event): string => event.type));
    expect(listed).toEqual(new Set(all));
  });

  it('have a description and a schema that documents can be made of', () => {
    for (const event of ALL_EVENTS) {
      expect(event.description).toMatch(/^[A-Z].*\.$/);
      expect(z.toJSONSchema(event.schema)).toMatchObject({ type: 'object' });
    }
  });
});

describe('what gateways list', () => {
  const line = {
    id: '4099260516',
    reference: '0192f8c4a1b27c3d9e4f5a6b7c8d9e0f',
    kind: 'charge',
    status: 'succeeded',
    amount: 10_000,
    fee: 195,
    currency: 'GHS',
    occurred_at: '2026-11-27T08:00:00.000Z',
  } as const;
  const page = (count: number) => ({
    listing_id: '0192f8c4-a1b2-7c3d-9e4f-5a6b7c8d9e0f',
    page: 0,
    told_at: '2026-11-27T08:00:00.000Z',
    lines: Array.from({ length: count }, () => line),
  });

  it('comes in pages of a bounded size', () => {
    expect(transactionsListed.schema.safeParse(page(MAX_LISTED)).success).toBe(true);
    expect(transactionsListed.schema.safeParse(page(MAX_LISTED + 1)).success).toBe(false);
    // A consumer's full batch is in memory at once, and in one job of the queue where its database is another.
    const bytes = JSON.stringify(page(MAX_LISTED)).length;
    expect(bytes * 250).toBeLessThan(3_500_000);
  });

  it('has no place for a person or for a text of anybody', () => {
    expect(Object.keys(listedLine.shape).toSorted()).toEqual(Object.keys(line).toSorted());
    const told = listedLine.parse({ ...line, phone: '+233241234567', description: 'For Ama Mensah' });
    expect(told).toEqual(line);
  });
});

describe('consumers', () => {
  it('have unique names that begin with their module (the access projection, with its part of the kernel)', () => {
    const names = CONSUMERS.map((consumer) => consumer.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, module } of CONSUMERS) {
      expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
      expect(name.split('.')[0]).toBe(module === 'kernel' ? 'access' : module);
    }
  });

  it('want events that somebody publishes, and never those of their own module', () => {
    const published = new Set<string>(ALL_EVENTS.map((event) => event.type));
    for (const { name, module, types } of CONSUMERS) {
      expect(types.length).toBeGreaterThan(0);
      expect(new Set(types).size).toBe(types.length);
      for (const type of types) {
        expect(published).toContain(type);
        // The audit log is written by one consumer, one batch after the other, so that its entries are chained; not by whoever changes something.
        if (name !== keepAudit.name) expect(type.startsWith(`${module}.`)).toBe(false);
      }
    }
  });
});
