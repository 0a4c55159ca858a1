/** Parley's extension of the protocol: the capability, and the filter key on `subscriptions/listen`. */
export const CHAT_EXTENSION = 'io.github.mcp-parley/chat';

/**
 * `_meta` of a call that may make a participant: one of the caller's own, with a token, beside the one that its principal
 * has anyway. Without authentication every participant is.
 */
export const ANOTHER_PARTICIPANT = { 'io.github.mcp-parley/another_participant': true };
