/** What to change, one line for each thing that can be wrong between a client and the service. */
export const ADVICE = {
  buffering:
    'Something in between keeps streams back: switch its buffering off (nginx: proxy_buffering off; proxy_http_version 1.1) and let X-Accel-Buffering through',
  resources: 'Let resources/subscribe and what follows it on the stream through unchanged',
  compression:
    'Switch compression off for text/event-stream (nginx: leave it out of gzip_types; Caddy: leave it out of encode)',
  lastEventId: 'Let the request header Last-Event-ID through to the service',
  reopening: 'Let a client open its stream again: look in the log of what stands before the service',
  poll: 'Let POST requests with the header Mcp-Method through unchanged; look in the log of the service',
  longPoll: 'Let requests wait for a minute (nginx: proxy_read_timeout 75s)',
  idle: 'Let idle streams live longer than STREAM_KEEPALIVE_SECONDS (nginx: proxy_read_timeout 75s), or lower that',
  revision: 'Let the headers MCP-Protocol-Version, Mcp-Method, Mcp-Name and Mcp-Session-Id through, both ways',
  notParley: 'Check the address: there is an MCP server, and it is not Parley',
  room: 'Look at the limits of the service (PARTICIPANTS_MAX and others in .env.example)',
} as const;
