import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What they have in common. */
const BOTH: UserConfig = {
  root: here('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // A policy without 'unsafe-inline' and data: scripts must hold.
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
};

/** The page: index.html and its assets, whose names carry a hash of what is in them. */
const page: UserConfig = {
  ...BOTH,
  // Assets are named relative to the page, wherever that is.
  base: './',
  build: {
    ...BOTH.build,
    outDir: here('../dist/www/page'),
    assetsInlineLimit: 0,
    rolldownOptions: { input: here('index.html') },
  },
};

/** The app: one file that holds its script and style, because a host shows nothing but this file. */
const app: UserConfig = {
  ...BOTH,
  plugins: [inOneFile()],
  build: {
    ...BOTH.build,
    outDir: here('../dist/www/app'),
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    rolldownOptions: { input: here('app.html'), output: { codeSplitting: false } },
  },
};

/** The console: console.html and its assets, which are below it wherever that is. */
const consolePage: UserConfig = {
  ...page,
  experimental: {
    renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `./console/${file}` : { relative: true }),
  },
  build: { ...page.build, outDir: here('../dist/www/console'), rolldownOptions: { input: here('console.html') } },
};

/** `vite build web` builds the page, with `--mode app` the app, with `--mode console` the console. */
export default defineConfig(({ mode }) => ({ app, console: consolePage })[mode] ?? page);

/** Puts script and style into the HTML, in place of the elements that would load them. */
function inOneFile(): Plugin {
  return {
    name: 'in-one-file',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const html = files.find((file) => file.type === 'asset' && file.fileName.endsWith('.html'));
      if (html?.type !== 'asset') throw new Error('app.html is not in the bundle');
      let text = String(html.source);
      for (const file of files) {
        if (file.type === 'chunk') {
          const code = file.code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
          text = instead(text, /<script[^>]*\ssrc="[^"]*"[^>]*><\/script>/, `<script type="module">${code}</script>`);
        } else if (file.fileName.endsWith('.css')) {
          text = instead(text, /<link[^>]*\srel="stylesheet"[^>]*>/, `<style>${String(file.source)}</style>`);
        } else continue;
        delete bundle[file.fileName];
      }
      html.source = text;
    },
  };
}

function instead(html: string, element: RegExp, by: string): string {
  if (!element.test(html)) throw new Error(`No ${element.source} in app.html`);
  return html.replace(element, () => by);
}
