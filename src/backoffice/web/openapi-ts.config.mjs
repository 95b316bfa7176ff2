/** The app's client: types and a function per route, of the admin API alone. Written anew with every build, into a folder that git ignores. */
// What it is made from, the build says.
export default {
  output: { path: new URL('generated/source', import.meta.url).pathname, clean: true },
  parser: { filters: { operations: { include: ['/^[A-Z]+ /admin/v1/.+$/'] }, orphans: false } },
  plugins: [
    { name: '@hey-api/client-fetch', baseUrl: false, throwOnError: true },
    { name: '@hey-api/typescript' },
    { name: '@hey-api/sdk' },
  ],
};
