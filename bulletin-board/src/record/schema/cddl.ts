import type { Schema } from "./schema.ts";

/** The CDDL (RFC 8610) of named schemas and of every named schema they use, each once, users first. */
export function toCddl(roots: readonly Schema<unknown>[]): string {
  const rules = new Map<string, string>();
  const visit = (schema: Schema<unknown>): void => {
    if (schema.name !== undefined && schema.body) {
      const rule = `${schema.name} = ${schema.body()}`;
      const known = rules.get(schema.name);
      if (known !== undefined && known !== rule) throw new Error(`two schemas are named ${schema.name}`);
      if (known !== undefined) return;
      rules.set(schema.name, rule);
    }
    for (const part of schema.parts) visit(part);
  };
  for (const root of roots) visit(root);
  return `${[...rules.values()].map((rule) => layout(rule, "")).join("\n\n")}\n`;
}

const lineLength = 110;
const closing: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };

/** Breaks what is too long for a line at its first bracket that holds fields: a line each, and so on inside. */
function layout(text: string, indent: string): string {
  if (indent.length + text.length <= lineLength) return text;
  for (let open = 0; open < text.length; open++) {
    if (!(text[open]! in closing)) continue;
    const end = matching(text, open);
    const fields = split(text.slice(open + 1, end));
    if (fields.length === 1) continue;
    const inner = `${indent}  `;
    const lines = fields.map((field) => `${inner}${layout(field, inner)},\n`);
    return `${text.slice(0, open + 1)}\n${lines.join("")}${indent}${text.slice(end)}`;
  }
  return text;
}

/** Position of the bracket that closes the one at `open`. */
function matching(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at]! in closing) depth++;
    else if ("}])".includes(text[at]!) && --depth === 0) return at;
  }
  throw new Error(`${text}: a bracket is not closed`);
}

/** Splits at the commas that are in no bracket. */
function split(text: string): string[] {
  const fields: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at]! in closing) depth++;
    else if ("}])".includes(text[at]!)) depth--;
    else if (text[at] === "," && depth === 0) {
      fields.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...fields, text.slice(from).trim()];
}
