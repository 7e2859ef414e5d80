/**
 * What `status` has found, for whoever shows it.
 */
import { DEFAULT_PREFIXES } from '../../../handler/settings.js';
import { catalogue, type Service, servicesOf } from '../../agentkeys/services.js';
import type { Header } from '../../reconcile/plan.js';
import type { Observed } from '../../stack/index.js';
import { recordedReviews } from '../../stack/resources/function/terms-of-service.js';
import { type Deployed, deployedVersion, versionOf } from '../../stack/resources/function/version.js';
import { onSince } from '../../stack/resources/rule.js';
import type { Scope } from '../../stack/scope.js';
import type { Attempt } from './attempt.js';
import type { ResourceState } from './drift.js';
import type { Mail } from './mail.js';
import type { LastDay } from './metrics.js';

export interface Status {
  header: Header;
  code: Code;
  resources: ResourceState[];
  /** The services that the deployed function routes; absent where there is none. */
  services?: RoutedService[];
  /** Absent when it was not looked for. */
  mail?: Mail;
  eventBridge: EventBridge;
  lastDay: Attempt<LastDay>;
  /** The command that routes what was dropped. */
  next?: string;
  /** When all of this was so. */
  at: Date;
}

/** The deployed code, and the version that this tool would deploy. */
export interface Code {
  deployed: Deployed;
  here: string;
  /** When the function was last changed, its settings included; absent where there is none. */
  lastModified?: Date;
}

/** A service whose mail is routed. */
export interface RoutedService {
  service: Service;
  prefix: string;
  /** The day on which its terms were reviewed, as it is recorded in the function. */
  termsReviewed?: string;
}

/** Whether S3 tells EventBridge of new mail. */
export interface EventBridge {
  on: boolean;
  /** Since when at the latest; AWS itself does not remember. */
  since?: Date;
}

export function eventBridgeOf({ bucketEvents, rule }: Observed): EventBridge {
  const on = bucketEvents.EventBridgeConfiguration !== undefined;
  const since = onSince(rule);
  return { on, ...(on && since !== undefined ? { since: new Date(since) } : {}) };
}

/** What is deployed, whatever the settings say. */
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
