const INBOX = 'chat://inbox';
const ROOMS = 'chat://rooms/';

/** What a `chat://` URI names. */
export type ChatUri =
  { readonly kind: 'inbox'; readonly token: string | undefined } | { readonly kind: 'room'; readonly roomId: string };

/** `chat://inbox`, or with a token `chat://inbox/{participant_token}`. */
export const inboxUri = (token?: string) => (token === undefined ? INBOX : `${INBOX}/${token}`);

export const roomUri = (roomId: string) => `${ROOMS}${roomId}`;

export function parseChatUri(uri: string): ChatUri | undefined {
  if (uri === INBOX) return { kind: 'inbox', token: undefined };
  const [, token] = /^chat:\/\/inbox\/([\w-]{1,128})$/.exec(uri) ?? [];
  if (token !== undefined) return { kind: 'inbox', token };
  const [, roomId] = /^chat:\/\/rooms\/([\w-]{1,128})$/.exec(uri) ?? [];
  return roomId === undefined ? undefined : { kind: 'room', roomId };
}
