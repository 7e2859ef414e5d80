/**
 * Which operation of which service a request asks for, and whether it changes anything: by the embedded AWS's own protocols and
 * table of operations, for any endpoint.
 */
import { credentialOf, operations, protocols, serviceOf, type WireRequest } from '../../src/sandbox/index.js';

export interface Classified {
  service: string;
  /** AWS's name of it; method and path for a REST service's operation that the embedded AWS does not have. */
  operation: string;
  mutates: boolean;
}

/** The names of operations that only read, for those that the table does not have: other tools make other calls. */
const reads = /^(?:Get|Head|List|Describe|GET |HEAD )/;

/** A request's operation. */
export function classify(request: WireRequest): Classified {
  const signed = credentialOf(request)?.service ?? 's3';
  const service = serviceOf(request, signed);
  const own = operations.filter((operation) => operation.service === service);
  const { name, operation } = service
    ? protocols[service].decode(request, own)
    : { name: `${request.method} ${request.path}`, operation: undefined };
  return { service: service ?? signed, operation: name, mutates: operation?.mutates ?? !reads.test(name) };
}
