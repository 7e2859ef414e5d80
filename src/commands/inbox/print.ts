/** A stranger's text as a result. The terminal escapes what is left (src/terminal/text.ts), and everything in JSON. */
import { line } from '../../terminal/text.js';

/**
 * A link in which control and formatting characters are percent-encoded as UTF-8, as a browser does it before it sends them: unlike an escaped
 * one it still leads to the same place. https://url.spec.whatwg.org/#percent-encoded-bytes
 */
export function safeLink(url: string): string {
  return url.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, encodeURIComponent);
}

/** An extracted code or link. */
export function safeResult(text: string): string {
  return /^https?:/i.test(text) ? safeLink(text) : line(text);
}
