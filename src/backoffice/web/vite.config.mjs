import { defineConfig } from 'vite';

/** What the page's small script asks for anyway is begun with the page. */
const appWithThePage = {
  name: 'app-with-the-page',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const chunks = Object.values(bundle ?? {});
      const app = chunks.find(
        ({ type, facadeModuleId }) => type === 'chunk' && /[\\/]main\.tsx$/.test(facadeModuleId ?? ''),
      );
      if (app === undefined) throw new Error('The build has no main.tsx of its own');
      return [app.fileName, ...app.imports]
        .map((file) => `/backoffice/${file}`)
        .filter((href) => !html.includes(href))
        .map((href) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href }, injectTo: 'head' }));
    },
  },
};

export default defineConfig({
  base: '/backoffice/',
  plugins: [appWithThePage],
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
