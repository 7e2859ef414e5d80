/**
 * Checks requests against botocore's models of AWS's APIs, where python3 and botocore are installed.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RecordedRequest } from './recording-proxy.js';

export interface ModelledRequest {
  /** botocore's name of the service: `accessanalyzer`. */
  service: string;
  operation: string;
  input: unknown;
}

const script = fileURLToPath(new URL('check-requests.py', import.meta.url));

/** @returns what is wrong with the requests; a text when botocore is not installed, to skip a test with. */
export function faultsByBotocore(requests: Array<ModelledRequest | RecordedRequest>): string[] | string {
  const { status, stdout, stderr, error } = spawnSync('python3', [script], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (/ModuleNotFoundError: No module named 'botocore'/.test(stderr) || error !== undefined)
    return `no botocore: ${error?.message ?? stderr.trim().split('\n').at(-1)}. To have it: pip install botocore`;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
