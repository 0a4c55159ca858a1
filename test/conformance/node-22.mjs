import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const DOWNLOAD_MS = 300_000;

const isEnough = (version) => Number.parseInt(version, 10) >= 22;

/**
 * The path of a Node that runs the conformance suite, which needs 22 or newer: this one, or else the one that the npm
 * package `node` carries. npm keeps that in its cache, apart from the project: its install script would otherwise run
 * an installation inside every installation of the project.
 */
export async function findNode22() {
  if (isEnough(process.versions.node)) return process.execPath;
  const script = 'JSON.stringify([process.versions.node, process.execPath])';
  const options = ['--yes', '--ignore-scripts=false', '--package=node@22'];
  const { stdout } = await promisify(execFile)('npm', ['exec', ...options, '--', 'node', '-p', script], {
    timeout: DOWNLOAD_MS,
    shell: process.platform === 'win32',
  });
  const [version, path] = JSON.parse(stdout.trim().split('\n').at(-1));
  if (!isEnough(version)) throw new Error(`npm package node@22 was not installed: its node is ${version}`);
  return path;
}
