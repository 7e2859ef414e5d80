/**
 * Whether a stream gets colours.
 */

/**
 * Whether to use colours. NO_COLOR turns them off unless it is empty (https://no-color.org); FORCE_COLOR turns them on where there is no
 * terminal, unless it is 0 or false (https://force-color.org).
 */
export function colourful(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv, allowed: boolean): boolean {
  if (!allowed || (env.NO_COLOR ?? '') !== '') return false;
  const { FORCE_COLOR: forced = '' } = env;
  return forced === '' ? stream.isTTY === true && env.TERM !== 'dumb' : !/^(0|false)$/.test(forced);
}
