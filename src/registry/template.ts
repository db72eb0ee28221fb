/**
 * Template: a text with places for secrets. `{{secrets.NAME}}` is one, with or without blanks inside the braces; `\{{` is `{{`, and
 * `\\{{secrets.NAME}}` a backslash and a secret. Nothing else may begin with `{{`. What a secret holds is taken as it is.
 */

/** A template: pieces of text, and the secrets between them. */
export type Template = readonly (string | { readonly secret: string })[];

const TOKEN =
  /(?<backslash>\\\\(?=\{\{))|(?<braces>\\\{\{)|\{\{ *secrets\.(?<secret>[A-Za-z_][A-Za-z0-9_]{0,254}) *\}\}|(?<wrong>\{\{)/g;

/**
 * Returns what a template is made of.
 *
 * @throws {Error} where it has what is no placeholder, telling the line
 */
export function parseTemplate(text: string): Template {
  const parts: (string | { readonly secret: string })[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const { backslash, braces, secret, wrong } = match.groups as Record<string, string | undefined>;
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (backslash !== undefined) parts.push("\\");
    else if (braces !== undefined) parts.push("{{");
    else if (secret !== undefined) parts.push({ secret });
    else if (wrong !== undefined) {
      const line = text.slice(0, match.index).split("\n").length;
      throw new Error(
        `line ${line} has "{{" that is no {{secrets.NAME}}, write "\\{{" where it is to stay`,
      );
    }
  }
  parts.push(text.slice(end));
  return parts;
}

/** Returns the names of the secrets in a template, each once. */
export function secretsIn(template: Template): string[] {
  return [...new Set(template.flatMap((part) => (typeof part === "string" ? [] : part.secret)))];
}

/** Returns the text of a template; all secrets in it are there. */
export function render(template: Template, secrets: ReadonlyMap<string, string>): string {
  return template
    .map((part) => (typeof part === "string" ? part : (secrets.get(part.secret) as string)))
    .join("");
}
