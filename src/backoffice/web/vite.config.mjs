import { defineConfig } from 'vite';

export default defineConfig({
  base: '/backoffice/',
  // TypeScript's own setting of JSX is enough; what a plugin would add is for a development server, which there is none of.
  build: {
    target: 'es2022',
    manifest: true,
    // The content security policy lets nothing in that stands in the page or in a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
