/**
 * Which operation of which service a request asks for, and whether it changes anything: by the embedded AWS's own protocols and
 * table of operations, whoever answers the request.
 */
import { credentialOf } from '../../src/sandbox/authenticate.js';
import type { ServiceName } from '../../src/sandbox/operation.js';
import { json } from '../../src/sandbox/protocols/json.js';
import { query } from '../../src/sandbox/protocols/query.js';
import { restJson } from '../../src/sandbox/protocols/rest-json.js';
import { restXml } from '../../src/sandbox/protocols/rest-xml.js';
import type { Protocol, WireRequest } from '../../src/sandbox/protocols/wire.js';
import { operations } from '../../src/sandbox/services/index.js';

export interface Classified {
  service: string;
  /** AWS's name of it; method and path for a REST service's operation that the embedded AWS does not have. */
  operation: string;
  mutates: boolean;
}

const protocols = new Map<string, Protocol>(
  Object.entries({ sts: query, iam: query, events: json, logs: json, lambda: restJson, s3: restXml } satisfies Record<
    ServiceName,
    Protocol
  >),
);

/** How an operation that only reads is called, for those that the table does not have: other tools make calls that ours does not. */
const reads = /^(?:Get|Head|List|Describe|GET |HEAD )/;

/** A request's operation. */
export function classify(request: WireRequest): Classified {
  const service = credentialOf(request)?.service ?? 's3';
  const own = operations.filter((operation) => operation.service === service);
  const { name, operation } = protocols.get(service)?.decode(request, own) ?? {
    name: `${request.method} ${request.path}`,
  };
  return { service, operation: name, mutates: operation?.mutates ?? !reads.test(name) };
}
