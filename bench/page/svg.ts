/** Elements of a drawing as text. */

export type Attributes = Readonly<Record<string, string | number>>;

/** Fractions of a pixel that can be seen. */
const DIGITS = 1;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(shown(value))}"`);
  const head = `${name}${written.join('')}`;
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.join('')}</${name}>`;
}

export function text(content: string, attributes: Attributes): string {
  return element('text', attributes, escape(content));
}

export function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toFixed(DIGITS))) : value;
}
