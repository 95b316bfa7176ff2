/**
 * XML as a stream of small trees. Nothing of it is ever fetched or expanded: a document type declaration, which is where entities
 * are made and files are named, is refused as such, and every size is bounded.
 */
import { SaxesParser } from 'saxes';
import { FileRefused, refused } from '../file-refused.js';
import { MAX_CELL_LENGTH, MAX_XML_DEPTH, MAX_XML_ELEMENTS, MAX_XML_TOKEN_LENGTH } from '../limits.js';

export interface XmlElement {
  /** Without prefix: banks differ in those. */
  readonly name: string;
  readonly namespace: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** All text directly inside, spaces around it left out. */
  text: string;
  readonly children: XmlElement[];
}

export interface XmlHandler {
  /** An element begins. @returns whether it is to be collected and given to `collected` with all that is in it. */
  opened(element: XmlElement, parents: readonly string[]): boolean;
  /** An element that was asked for has ended. Inside another that is being collected, it is taken out of that. */
  collected(element: XmlElement, parents: readonly string[]): void;
  /** An element has ended that was not collected. */
  closed(name: string, parents: readonly string[]): void;
}

interface Frame {
  readonly element: XmlElement;
  readonly asked: boolean;
  /** Elements held when it began. */
  readonly heldBefore: number;
}

export class XmlElements {
  private readonly parser = new SaxesParser({ xmlns: true, position: true });
  private readonly names: string[] = [];
  private readonly frames: Frame[] = [];
  private held = 0;
  /** Characters written since the parser last let go of what it had. */
  private sinceEvent = 0;

  constructor(private readonly handler: XmlHandler) {
    const { parser } = this;
    parser.on('doctype', () => {
      throw refused(
        'xml_forbidden',
        `Line ${parser.line}: the file declares a document type (DOCTYPE), which bank statements do not have and which is not read.`,
        parser.line,
      );
    });
    parser.on('error', (error) => {
      // The parser's own text begins with its place, in its own way of counting.
      const what = error.message
        .replace(/^\d+:\d+:\s*/, '')
        .slice(0, 200)
        .replace(/\.$/, '');
      throw refused('xml', `Line ${parser.line}: the XML is broken: ${what}.`, parser.line);
    });
    parser.on('opentag', (tag) => {
      this.sinceEvent = 0;
      const attributes: Record<string, string> = {};
      for (const [name, attribute] of Object.entries(tag.attributes)) attributes[name] = attribute.value;
      this.open({ name: tag.local, namespace: tag.uri, line: parser.line, attributes, text: '', children: [] });
    });
    parser.on('text', (text) => this.text(text));
    parser.on('cdata', (text) => this.text(text));
    parser.on('comment', () => (this.sinceEvent = 0));
    parser.on('processinginstruction', () => (this.sinceEvent = 0));
    parser.on('closetag', () => this.close());
  }

  /** @throws {FileRefused} */
  push(text: string): void {
    this.sinceEvent += text.length;
    this.parser.write(text);
    if (this.sinceEvent > MAX_XML_TOKEN_LENGTH) {
      throw refused(
        'cell_too_long',
        `Line ${this.parser.line}: a text, a comment or a tag is longer than ${MAX_XML_TOKEN_LENGTH} characters.`,
        this.parser.line,
      );
    }
  }

  /** @throws {FileRefused} when elements are still open */
  end(): void {
    const { line } = this.parser;
    const open = this.names.at(-1);
    if (open !== undefined) {
      throw refused('cut_off', `Line ${line}: the file ends inside the element ${open}: it was cut off.`, line);
    }
    try {
      this.parser.close();
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      throw refused('cut_off', `Line ${line}: the file ends before its XML does: it was cut off.`, line);
    }
  }

  private open(element: XmlElement): void {
    if (this.names.length >= MAX_XML_DEPTH) {
      throw refused(
        'xml_forbidden',
        `Line ${element.line}: elements stand more than ${MAX_XML_DEPTH} deep inside each other.`,
        element.line,
      );
    }
    const asked = this.handler.opened(element, this.names);
    this.names.push(element.name);
    const outer = this.frames.at(-1);
    if (!asked && outer === undefined) return;
    // What is asked for inside something else is handed over by itself.
    if (!asked) outer?.element.children.push(element);
    this.frames.push({ element, asked, heldBefore: this.held });
    this.held += 1;
    if (this.held > MAX_XML_ELEMENTS) {
      throw refused(
        'xml_forbidden',
        `Line ${element.line}: one entry holds more than ${MAX_XML_ELEMENTS} elements.`,
        element.line,
      );
    }
  }

  private text(text: string): void {
    this.sinceEvent = 0;
    const frame = this.frames.at(-1);
    if (frame === undefined) return;
    const { element } = frame;
    element.text += text;
    if (element.text.length > MAX_CELL_LENGTH) {
      throw refused(
        'cell_too_long',
        `Line ${element.line}: the text of ${element.name} is longer than ${MAX_CELL_LENGTH} characters.`,
        element.line,
        element.name,
      );
    }
  }

  private close(): void {
    this.sinceEvent = 0;
    const name = this.names.pop() ?? '';
    const frame = this.frames.pop();
    if (frame === undefined) {
      this.handler.closed(name, this.names);
      return;
    }
    frame.element.text = frame.element.text.trim();
    if (!frame.asked) return;
    this.held = frame.heldBefore;
    this.handler.collected(frame.element, this.names);
  }
}

/** The first element at a path of names. */
export function elementAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

/** The text at a path, or undefined when there is none. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const text = elementAt(element, ...path)?.text;
  return text === '' ? undefined : text;
}

export function elementsAt(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}
