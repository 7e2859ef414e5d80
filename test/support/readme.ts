/**
 * The generated parts of the README and of docs/: the text between `<!-- name -->` and `<!-- /name -->`, made from the code.
 */

import { flagDescription, type SettingDefinition, settingKeys, settingsTable } from '../../src/settings/index.js';

/** Replaces the text between the markers of `name`. @throws Error when there are none */
export function withPart(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no part ${name}`);
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
}

/** The table of flags. */
export function flagsTable(): string {
  const rows = settingKeys.map((key) => {
    const setting: SettingDefinition = settingsTable[key];
    const { flag, short, valueName, environment, definesState, default: standard } = setting;
    const description = flagDescription(setting).replaceAll('<', '&lt;');
    const shown = [
      ...(short === undefined ? [] : [short]),
      valueName === undefined ? flag : `${flag} <${valueName}>`,
    ].join(', ');
    const names = [...environment, ...(definesState ? [`"${key}"`] : [])].map((name) => `\`${name}\``).join(', ');
    const plain = ['string', 'number'].includes(typeof standard) || Array.isArray(standard);
    return `| \`${shown}\` | ${names} | ${description}${plain ? ` (default \`${standard}\`)` : ''} |`;
  });
  return ['| flag | variables, and key in the settings file | |', '|---|---|---|', ...rows].join('\n');
}

/** A policy, folded away. */
export function policyPart(task: string, policy: string): string {
  return `<details><summary><code>${task}</code></summary>\n\n\`\`\`json\n${policy.trimEnd()}\n\`\`\`\n\n</details>`;
}

/** The demo's sections on mail and access. */
export function demoPart(stdout: string): string {
  const from = stdout.indexOf('== 3.');
  const to = stdout.indexOf('== 5.');
  return `\`\`\`text\n${stdout.slice(from, to).trimEnd()}\n\`\`\``;
}
