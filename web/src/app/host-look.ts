import { applyDocumentTheme, type McpUiHostContext } from '@modelcontextprotocol/ext-apps';

/** How high the window is when the host leaves that to us, in pixels: it does not grow with the conversation. */
const HEIGHT_PX = 560;

/** Looks and measures as the host has them: theme, font, size, and what of the screen is safe to use. */
export function applyHostLook({ theme, styles, containerDimensions = {}, safeAreaInsets }: McpUiHostContext): void {
  if (theme) applyDocumentTheme(theme);
  const root = document.documentElement.style;
  const font = styles?.variables?.['--font-sans'];
  if (font) root.setProperty('--font', font);
  root.setProperty('--window', heightIn(containerDimensions));
  const { top = 0, right = 0, bottom = 0, left = 0 } = safeAreaInsets ?? {};
  root.setProperty('--insets', [top, right, bottom, left].map((inset) => `${inset}px`).join(' '));
}

function heightIn(container: NonNullable<McpUiHostContext['containerDimensions']>): string {
  if ('height' in container) return '100dvh';
  const { maxHeight = HEIGHT_PX } = container;
  return `${Math.min(maxHeight, HEIGHT_PX)}px`;
}
