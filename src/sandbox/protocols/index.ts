/**
 * The protocol and the signing name of each service.
 */
import type { ServiceName } from '../operation.js';
import { json, json10, queryCompatibleJson, targetOf } from './json.js';
import { query } from './query.js';
import { restJson } from './rest-json.js';
import { restXml } from './rest-xml.js';
import type { Protocol, WireRequest } from './wire.js';

export const protocols: Record<ServiceName, Protocol> = {
  sts: query,
  iam: query,
  ses: query,
  mailmanager: json10,
  events: json,
  logs: json,
  cloudwatch: queryCompatibleJson,
  sqs: queryCompatibleJson,
  lambda: restJson,
  accessanalyzer: restJson,
  s3: restXml,
};

/**
 * The signing names that are not the service's own.
 * https://docs.aws.amazon.com/general/latest/gr/cw_region.html, https://docs.aws.amazon.com/general/latest/gr/access-analyzer.html
 */
const signingNames: Record<string, string> = { cloudwatch: 'monitoring', accessanalyzer: 'access-analyzer' };

/**
 * The service of a request; undefined if it is not emulated. Mail Manager's requests are signed for `ses`, as SES's own are: their
 * target tells them apart.
 *
 * @param name The signing name.
 */
export function serviceOf(request: Pick<WireRequest, 'headers'>, name: string): ServiceName | undefined {
  if (name === 'ses' && targetOf(request)?.service === 'MailManagerSvc') return 'mailmanager';
  return Object.keys(protocols).find((service): service is ServiceName => (signingNames[service] ?? service) === name);
}
