/** An SVG element as text. Attributes that are undefined are left out; children are elements, or text that is escaped already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly string[]
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escape(value!)}"`);
  const start = `<${name}${given.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

/** Text at a point. */
export const text = (
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
) => element('text', { x, y, ...attributes }, escape(content));

export const line = (x1: number, y1: number, x2: number, y2: number, name: string) =>
  element('line', { x1, y1, x2, y2, class: name });

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters are not allowed in XML at all, and go. */
export const escape = (content: string): string =>
  [...content]
    .filter((character) => character >= ' ')
    .map((character) => ESCAPES[character] ?? character)
    .join('');

/** A tenth of a pixel is enough, and keeps files small and alike. */
const rounded = (value: number) => String(Math.round(value * 10) / 10);
