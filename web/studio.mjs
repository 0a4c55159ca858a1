/** What pictures are taken with: the built service, a browser, and a folder for them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts the service; resolves with its address and how to end it. */
export async function startService(environment) {
  const env = { PATH: process.env.PATH, PORT: '0', ...environment };
  const service = spawn(process.execPath, ['dist/main.js'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((resolve, reject) => {
    let said = '';
    service.stderr.setEncoding('utf8').on('data', (text) => {
      const [, at] = /serves MCP at (\S+)/.exec((said += text)) ?? [];
      if (at !== undefined) resolve(new URL('/', at).href);
    });
    service.once('exit', () => reject(new Error(`The service did not start: ${said}`)));
  });
  return { url, end: () => service.kill() };
}

export function openBrowser() {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = process.env.CHROMIUM ?? usual.find((path) => existsSync(path));
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** The folder in docs/images/ of that name. */
export function picturesOf(name) {
  const folder = join(root, 'docs/images', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
