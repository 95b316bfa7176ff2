import { defineConfig } from 'prisma/config';

/**
 * For `prisma generate` and for the Prisma CLI where its engines can run. The app itself migrates with
 * src/kernel/database/migrator.ts, which records migrations exactly as Prisma Migrate does.
 */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
});
