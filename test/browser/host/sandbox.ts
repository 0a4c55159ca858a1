/**
 * The proxy between a host and a view, on an origin of its own (MCP Apps, "Sandbox proxy"): it puts the view into a frame
 * that may do as little as any host in the field allows, and passes messages on.
 */
const view = document.createElement('iframe');
view.setAttribute('sandbox', 'allow-scripts');
document.body.append(view);

interface Message {
  readonly method?: string;
  readonly params?: { readonly html?: string };
}

addEventListener('message', ({ source, data }: MessageEvent<Message>) => {
  if (source === view.contentWindow) parent.postMessage(data, '*');
  else if (source !== parent) return;
  else if (data.method === 'ui/notifications/sandbox-resource-ready') view.srcdoc = data.params!.html!;
  else view.contentWindow!.postMessage(data, '*');
});

parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/sandbox-proxy-ready', params: {} }, '*');
