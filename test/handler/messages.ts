/**
 * The messages in fixtures/messages with their expected results.
 */
import { readFileSync } from 'node:fs';

const directory = new URL('../../fixtures/messages/', import.meta.url);

export interface FixtureMessage {
  file: string;
  about: string;
  key: string;
  routed?: { by: 'envelope' | 'headers'; wallets: string[] };
  stays?: string;
}

interface Index {
  mailDomain: string;
  prefixes: string[];
  messages: FixtureMessage[];
}

export const { mailDomain, prefixes, messages }: Index = JSON.parse(
  readFileSync(new URL('index.json', directory), 'utf8'),
);

export const bytesOf = (file: string): Buffer => readFileSync(new URL(file, directory));
