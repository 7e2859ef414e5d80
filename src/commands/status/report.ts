/**
 * The data that `status` shows.
 */
import { DEFAULT_PREFIXES } from '../../../handler/settings.js';
import { catalogue, type Service, servicesOf } from '../../agentkeys/services.js';
import type { Header } from '../../reconcile/plan.js';
import type { Settings } from '../../settings/index.js';
import type { Observed } from '../../stack/index.js';
import { recordedReviews } from '../../stack/resources/function/terms-of-service.js';
import { type Deployed, deployedVersion, versionOf } from '../../stack/resources/function/version.js';
import { onSince } from '../../stack/resources/rule.js';
import type { Scope } from '../../stack/scope.js';
import type { AlarmStatus } from './alarms.js';
import type { Attempt } from './attempt.js';
import type { ResourceState } from './drift.js';
import type { Mail } from './mail.js';
import type { LastDay } from './metrics.js';
import type { Retries } from './retries.js';

export interface Status {
  header: Header;
  code: Code;
  resources: ResourceState[];
  /** The services that the deployed function routes; absent if there is no function. */
  services?: RoutedService[];
  /** Absent with `--no-mail`. */
  mail?: Mail;
  eventBridge: EventBridge;
  /** Absent if the stack has no retry queue. */
  retries?: Retries;
  lastDay: Attempt<LastDay>;
  alarms: Attempt<AlarmStatus[]>;
  /** How the names of the alarms begin. */
  functionName: string;
  /** What was not looked at, and why. */
  notLookedAt: string[];
  /** The command that routes the mail of dropped events. */
  next?: string;
  /** The time of the report. */
  at: Date;
}

/** The deployed code, and the version that this tool would deploy. */
export interface Code {
  deployed: Deployed;
  here: string;
  /** When the function or its settings were last modified; absent if there is no function. */
  lastModified?: Date;
}

/** A service whose mail is routed. */
export interface RoutedService {
  service: Service;
  prefix: string;
  /** The day on which its terms of service were reviewed, as recorded in the function. */
  termsReviewed?: string;
}

/** Whether S3 sends events for new mail to EventBridge. */
export interface EventBridge {
  on: boolean;
  /** The latest possible start; AWS does not record it. */
  since?: Date;
  /** What else S3 notifies: names of functions, queues and topics. */
  others: string[];
}

export function eventBridgeOf({ bucketEvents, rule }: Observed): EventBridge {
  const on = bucketEvents.EventBridgeConfiguration !== undefined;
  const since = onSince(rule);
  return {
    on,
    others: otherDestinations(bucketEvents),
    ...(on && since !== undefined ? { since: new Date(since) } : {}),
  };
}

function otherDestinations(configuration: Observed['bucketEvents']): string[] {
  const { LambdaFunctionConfigurations = [], QueueConfigurations = [], TopicConfigurations = [] } = configuration;
  const destinations = [...LambdaFunctionConfigurations, ...QueueConfigurations, ...TopicConfigurations];
  const arns = destinations.flatMap((one) =>
    Object.entries(one).flatMap(([key, to]) => (/Arn$/.test(key) ? [to] : [])),
  );
  return [
    ...new Set(
      arns.map((arn) =>
        String(arn)
          .split(':')
          .slice(5)
          .join(':')
          .replace(/^function:/, ''),
      ),
    ),
  ];
}

/** What the report leaves out, and why. */
export function notLookedAt({ broker, keepLegacy }: Settings, mail: boolean): string[] {
  return [
    ...(mail ? [] : ['the newest mail (--no-mail)']),
    ...(broker ? [] : ["the broker's role (--no-broker)"]),
    ...(keepLegacy ? ["deploy.sh's router (--keep-legacy)"] : []),
    'who can read the mail, and whether a message is routed (verify)',
  ];
}

/** The services of the deployed function, not of the settings. */
export function servicesRouted({ function: { existing } }: Observed): RoutedService[] | undefined {
  if (existing === undefined) return undefined;
  const reviews = recordedReviews(existing);
  const prefixes = (existing.configuration.Environment?.Variables?.PREFIXES || DEFAULT_PREFIXES)
    .toLowerCase()
    .split(',');
  return servicesOf(prefixes).map((service) => {
    const day = reviews[service];
    return { service, prefix: catalogue[service].prefix, ...(day === undefined ? {} : { termsReviewed: day }) };
  });
}

export function codeOf({ function: { existing } }: Observed, { code }: Scope): Code {
  const modified = existing && { lastModified: new Date(String(existing.configuration.LastModified)) };
  return { deployed: deployedVersion(existing, code), here: versionOf(code), ...modified };
}
