/**
 * Finds the packages that a bundle contains and composes the licence file that is published with it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** SPDX identifiers of licences that allow publishing the bundle under this project's, with their notices. */
const ALLOWED = new Set(['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0']);

const NOTICE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * The directories, below the project's root, of the packages that esbuild took code from.
 *
 * @param {import('esbuild').Metafile[]} metafiles
 * @returns {string[]} sorted
 */
export function bundledPackages(metafiles) {
  const inputs = metafiles.flatMap((metafile) =>
    Object.values(metafile.outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
  );
  const directories = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  return [...new Set(directories)].sort();
}

/**
 * Composes the notices of packages.
 *
 * @param {string} root The project's root.
 * @param {string[]} packages Directories below it.
 * @returns {Promise<string>} The file's text.
 * @throws {Error} naming every package whose licence is not among those allowed.
 */
export async function thirdPartyNotices(root, packages) {
  const notices = await Promise.all(packages.map((directory) => noticeOf(join(root, directory))));
  const refused = notices.filter((notice) => !isAllowed(notice.licence));
  if (refused.length > 0) {
    const list = refused.map(({ title, licence }) => `${title} (${licence})`).join(', ');
    throw new Error(`may not be bundled under their licence: ${list}. Replace them, or extend .build/notices.mjs`);
  }
  // Most packages share one of a few texts: each text is given once, after the names of its packages.
  const titles = new Map();
  for (const { title, licence, text } of notices) {
    titles.set(text, [...(titles.get(text) ?? []), `${title} (${licence})`]);
  }
  const head = 'This software contains the following packages, under the licences given with them.\n';
  const sections = [...titles].map(([text, list]) => `${list.join('\n')}\n\n${text.trim()}\n`);
  return [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}

async function noticeOf(directory) {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const files = (await readdir(directory)).filter((file) => NOTICE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return {
    title: `${manifest.name} ${manifest.version}`,
    licence: manifest.license ?? 'none named',
    text: texts.map((text) => text.replaceAll('\r\n', '\n')).join('\n') || authorshipOf(manifest),
  };
}

/** For a package without a licence file: its author and homepage. */
function authorshipOf({ author, homepage }) {
  const name = typeof author === 'string' ? author : author?.name;
  return ['The package ships no licence text.', name && `Author: ${name}`, homepage].filter(Boolean).join('\n');
}

/** Whether one of an SPDX expression's alternatives is allowed. */
function isAllowed(licence) {
  return String(licence)
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((part) => ALLOWED.has(part)));
}
