/** Whom a merchant is told through: who they are leaves auth sealed, and is deleted with them. */
import { readEnv } from '../../../src/config/env.js';
import { memberContactPlace } from '../../../src/contracts/auth.events.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { newMasterKey } from '../../../src/kernel/secrets/master-keys.js';
import { Vault, type Sealed } from '../../../src/kernel/secrets/vault.js';
import { contentOf } from '../../../src/modules/auth/audit/audit-entry.js';
import { AuthStore } from '../../../src/modules/auth/auth.store.js';
import { CreateMerchant } from '../../../src/modules/auth/create-merchant.js';
import { ChangeMembers } from '../../../src/modules/auth/members/change-members.js';
import { MAX_MEMBERS, MembersStore, type MemberFields } from '../../../src/modules/auth/members/members.store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const correlationId = 'req_test';
const AMA: MemberFields = {
  email: 'ama.canary@example.com',
  name: 'Ama Canary',
  phone: '+233241234567',
  language: 'en',
  subjects: ['technical'],
};
let database: TestDatabase;
let databases: Databases;
let vault: Vault;
let members: ChangeMembers;
let store: MembersStore;
let merchantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url, MASTER_KEYS: newMasterKey() };
  const env = readEnv(settings);
  databases = new Databases(env, new Logger(env));
  vault = new Vault(env);
  store = new MembersStore(databases);
  members = new ChangeMembers(store, new AuthStore(databases), vault);
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});
beforeEach(async () => {
  merchantId = await newMerchant();
});

const newMerchant = async (): Promise<string> =>
  (await new CreateMerchant(new AuthStore(databases)).execute({ name: 'Asante', platformFeeBps: 50, correlationId }))
    .id;
const add = (fields: Partial<MemberFields> = {}, of = merchantId) =>
  members.add({ merchantId: of, correlationId, ...AMA, ...fields });

interface Told {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}
const toldOf = (id: string): Promise<Told[]> =>
  database.query<Told & Record<string, unknown>>(
    'SELECT type, payload FROM messaging.outbox WHERE aggregateid = $1 ORDER BY seq',
    [id],
  );
/** Rows of members of all merchants, as text. */
const kept = async (): Promise<string> => JSON.stringify(await database.query('SELECT * FROM auth.merchant_member'));

describe('a member', () => {
  it('is told of with what they are told, and who they are sealed for them alone', async () => {
    const { id } = await add();
    const [added] = await toldOf(id);
    const { sealed_contact: sealedContact, ...clear } = added?.payload ?? {};
    expect(clear).toEqual({
      member_id: id,
      merchant_id: merchantId,
      version: 1,
      what: 'added',
      language: 'en',
      subjects: ['technical'],
    });
    const { email, name, phone } = AMA;
    expect(JSON.parse(await vault.open(sealedContact as Sealed, memberContactPlace(id)))).toEqual({
      email,
      name,
      phone,
    });
    await expect(vault.open(sealedContact as Sealed, memberContactPlace(newUuid()))).rejects.toThrow();
    expect(JSON.stringify(added)).not.toMatch(/canary|233241234567/i);
  });

  it('is in the audit log without their contact, sealed or not', async () => {
    const { id } = await add();
    const [added] = await toldOf(id);
    const event = { ...added, id: newUuid(), createdAt: new Date(), headers: { correlation_id: 'req_test' } };
    const content = JSON.stringify(contentOf({ ...event, aggregateId: id } as unknown as StoredEvent));
    expect(content).toContain('technical');
    expect(content).not.toMatch(/canary|ciphertext/i);
  });

  it('is changed in versions, of which each is told; and to change nothing is not told', async () => {
    const { id } = await add();
    const change = (fields: Partial<MemberFields>) =>
      members.change({ merchantId, id, correlationId, ...AMA, ...fields });
    expect(await change({ subjects: ['finance', 'technical'] })).toMatchObject({ version: 2 });
    expect(await change({ subjects: ['technical', 'finance'] })).toMatchObject({ version: 2 });
    expect(await change({ phone: null })).toMatchObject({ version: 3, phone: null, subjects: ['technical'] });
    expect((await toldOf(id)).map(({ payload }) => [payload['version'], payload['what']])).toEqual([
      [1, 'added'],
      [2, 'changed'],
      [3, 'changed'],
    ]);
  });

  it('is deleted when they are removed, and it is told that they were', async () => {
    const { id } = await add({ email: 'leaving.canary@example.com' });
    await members.remove({ merchantId, id, correlationId });
    expect(await kept()).not.toContain('leaving.canary');
    expect((await toldOf(id)).at(-1)).toEqual({
      type: 'auth.merchant_member_removed.v1',
      payload: { member_id: id, merchant_id: merchantId, version: 2 },
    });
    await expect(members.remove({ merchantId, id, correlationId })).rejects.toMatchObject({
      code: 'merchant_member.not_found',
    });
    expect(await toldOf(id)).toHaveLength(2);
  });

  it('is removed once, however many remove them at the same time', async () => {
    const { id } = await add();
    const remove = () => members.remove({ merchantId, id, correlationId });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, remove));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await toldOf(id)).toHaveLength(2);
  });

  it('has an address of their own among those of the merchant, and may be a member of another', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => add()));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const taken = { code: 'merchant_member.email_taken' };
    await expect(add()).rejects.toMatchObject(taken);
    const other = await add({ email: 'other@example.com' });
    await expect(members.change({ merchantId, correlationId, ...AMA, id: other.id })).rejects.toMatchObject(taken);
    expect(await add({}, await newMerchant())).toMatchObject({ email: AMA.email });
  });

  it('is of one merchant: under another, and under none, they are not known', async () => {
    const { id } = await add();
    const another = await newMerchant();
    const notFound = { code: 'merchant_member.not_found' };
    await expect(members.remove({ merchantId: another, id, correlationId })).rejects.toMatchObject(notFound);
    await expect(members.change({ merchantId: another, id, correlationId, ...AMA })).rejects.toMatchObject(notFound);
    await expect(add({}, newUuid())).rejects.toMatchObject({ code: 'merchant.not_found' });
    expect(await store.list(merchantId, { take: 10 })).toHaveLength(1);
    expect(await store.list(another, { take: 10 })).toEqual([]);
  });

  it('is one of not too many', async () => {
    for (let count = 0; count < MAX_MEMBERS; count += 1) await add({ email: `member${count}@example.com` });
    await expect(add()).rejects.toMatchObject({ code: 'merchant_member.too_many' });
  });

  it('is one of not too many also where they come at once', async () => {
    const adding = Array.from({ length: MAX_MEMBERS + 4 }, (_, count) => add({ email: `member${count}@example.com` }));
    const refused = (await Promise.allSettled(adding)).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(4);
    expect(await store.list(merchantId, { take: 100 })).toHaveLength(MAX_MEMBERS);
  });

  it('does not get an address that another gets at the same moment', async () => {
    const [one, other] = await Promise.all([add({ email: 'one@example.com' }), add({ email: 'other@example.com' })]);
    const changing = [one, other].map(({ id }) =>
      members.change({ merchantId, id, correlationId, ...AMA, email: 'both@example.com' }),
    );
    const refused = (await Promise.allSettled(changing)).filter((each) => each.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'merchant_member.email_taken' } }]);
  });
});
