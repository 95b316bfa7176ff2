/** What is answered to a merchant is read as that merchant: src/kernel/database/tenant-scope.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { TENANT_MODULES } from '../../src/kernel/database/tenant-scope.js';

/** A database in the hands of a merchant's controller, other than to ask it as somebody. */
const UNSCOPED = /\bthis\.database\b(?!\.asTenant\()(?!\s*=[^=])/;

const isForMerchants = (text: string): boolean => text.includes('@MerchantApi(');
const unscoped = (text: string): boolean => isForMerchants(text) && UNSCOPED.test(text);

it('reads nothing for a merchant but as that merchant', () => {
  expect(unscoped('@MerchantApi("payments") read() { return find(this.database, [id]); }')).toBe(true);
  expect(unscoped('@MerchantApi("payments") read() { return find(this.database.asTenant(merchant), [id]); }')).toBe(
    false,
  );
  expect(unscoped('@MerchantApi("payments") constructor() { this.database = databases.of("payments"); }')).toBe(false);
  const files = TENANT_MODULES.flatMap((module) =>
    readdirSync(`src/modules/${module}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.controller.ts'))
      .map((file) => `src/modules/${module}/${file}`),
  );
  const forMerchants = files.filter((file) => isForMerchants(readFileSync(file, 'utf8')));
  expect(forMerchants.length).toBeGreaterThan(4);
  expect(forMerchants.filter((file) => unscoped(readFileSync(file, 'utf8')))).toEqual([]);
});
