/** A tenant's console has another address, and so a token of its own. */
const KEY = `parley-console-token${location.pathname === '/console' ? '' : location.pathname}`;

/** The token of this tab, where the person wants it to survive a reload. */
export const remembered = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

export function remember(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}
