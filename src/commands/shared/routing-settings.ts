/** The function's settings, for what a command does in its place. Pure. */
import type { RoutingSettings } from '../../../handler/settings.js';
import type { Scope } from '../../stack/scope.js';

/** As a deploy would configure them. */
export function routingSettings({ names, identity, settings }: Scope): RoutingSettings {
  return {
    bucket: names.bucket,
    accountId: identity.account,
    mailDomain: settings.mailDomain ?? '',
    prefixes: settings.prefixes,
    deleteSource: settings.deleteSource,
    logLevel: 'info',
  };
}
