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
  return `${[...rules.values()].map(layout).join("\n\n")}\n`;
}

/** A line per field for maps that would be too long for one. */
function layout(rule: string): string {
  if (rule.length <= 110) return rule;
  let depth = 0;
  let result = "";
  for (let i = 0; i < rule.length; i++) {
    const character = rule[i]!;
    if (character === "{" || character === "[" || character === "(") depth++;
    if (character === "}" || character === "]" || character === ")") depth--;
    if (depth === 0 && character === "}") result += ",\n}";
    else if (depth === 1 && character === "{" && result.endsWith("= ")) result += "{\n  ";
    else if (depth === 1 && character === "," && rule.startsWith(", ", i)) {
      result += ",\n  ";
      i++;
    } else result += character;
  }
  return result;
}
