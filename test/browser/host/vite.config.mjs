import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  logLevel: 'warn',
  build: { target: 'esnext', rolldownOptions: { input: [here('index.html'), here('sandbox.html')] } },
});
