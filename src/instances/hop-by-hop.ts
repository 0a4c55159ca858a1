/** Headers that are about one connection only (RFC 9110, section 7.6.1), and a promise that the server has kept already. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** What of a message's headers, in names and values by turns, is for the one at the other end. @param without further names */
export function endToEnd(rawHeaders: readonly string[], without?: ReadonlySet<string>): string[] {
  const passed: string[] = [];
  const named = namedByConnection(rawHeaders);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && !named.has(name) && !without?.has(name))
      passed.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  }
  return passed;
}

function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() !== 'connection') continue;
    for (const name of rawHeaders[i + 1]!.split(',')) names.add(name.trim().toLowerCase());
  }
  return names;
}
