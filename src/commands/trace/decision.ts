/**
 * What would be decided about a message now, by the function's own code: with the deployed function's settings where they can be read. Only
 * the message's header is read, as by the function.
 */
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { objectAt } from '../../../handler/event.js';
import { causeOf } from '../../../handler/failure.js';
import { parseAddress } from '../../../handler/mail/address.js';
import { type Decision, findRecipients, type Recipient } from '../../../handler/mail/decide.js';
import { readAndDecide } from '../../../handler/read.js';
import { type RoutingSettings, settingsFromEnvironment } from '../../../handler/settings.js';
import { explain, ifExists, nameOf, OperatorError } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { routingSettings } from '../shared/routing-settings.js';
import { attempt } from '../status/attempt.js';

/** The settings that decide, and whose they are. */
export interface SettingsInUse {
  settings: RoutingSettings;
  /** Why they are those given here, not the deployed function's; absent if they are the function's. */
  whyGiven?: string;
}

/** Why a recipient is routed, or is not. */
export type Verdict = 'routed' | 'no-wallet' | 'prefix' | 'domain';

/** A recipient that was considered. */
export interface JudgedRecipient extends Recipient {
  verdict: Verdict;
}

/** The decision, and what it was made by. */
export interface Decided {
  decision: Exclude<Decision, { kind: 'need-more' }>;
  recipients: JudgedRecipient[];
  /** Bytes. */
  headerBytesRead: number;
}

/** The deployed function's settings; those given here if they can't be read, or don't let it start. */
export async function settingsInUse(scope: Scope): Promise<SettingsInUse> {
  const deployed = await attempt(deployedSettings(scope), scope.settings);
  if ('value' in deployed) return { settings: deployed.value };
  return { settings: routingSettings(scope), whyGiven: deployed.unknown };
}

/** @throws OperatorError when there is no function, or its settings can't be read or are not valid for this bucket. */
async function deployedSettings({ aws, names }: Scope): Promise<RoutingSettings> {
  const FunctionName = names.functionName;
  const found = await ifExists(aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
  if (found === undefined) throw new OperatorError(`There is no function ${FunctionName}.`);
  // https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html
  if (found.Environment?.Error !== undefined)
    throw new OperatorError(`The variables of the function ${FunctionName} can't be decrypted by this caller.`);
  let settings: RoutingSettings;
  try {
    settings = settingsFromEnvironment({ ...found.Environment?.Variables });
  } catch (error) {
    throw new OperatorError(`The function ${FunctionName} does not start: ${(error as Error).message}.`);
  }
  if (settings.bucket !== names.bucket)
    throw new OperatorError(`The function ${FunctionName} routes the mail of the bucket ${settings.bucket}.`);
  return settings;
}

/** @throws OperatorError when the message can't be read. */
export async function decideNow(
  key: string,
  settings: RoutingSettings,
  { aws, settings: { endpointUrl } }: Scope,
): Promise<Decided> {
  const { skip } = objectAt(key);
  if (skip !== undefined) return { decision: { kind: 'stay', reason: skip }, recipients: [], headerBytesRead: 0 };
  const read = await readAndDecide(aws.s3, key, settings).catch((error) => {
    const cause = causeOf(error);
    if (nameOf(cause) === 'NoSuchKey') throw new OperatorError('A message is no longer in inbound/.', { cause });
    throw new OperatorError(explain(cause, endpointUrl), { cause });
  });
  const { decision, headerBytesRead, header } = read;
  // Of these, what was read is no whole header.
  const cut = decision.kind === 'stay' && /^(header-too-long|client-side-encrypted)$/.test(decision.reason);
  return { decision, headerBytesRead, recipients: cut ? [] : judge(header, settings) };
}

function judge(header: Uint8Array, settings: RoutingSettings): JudgedRecipient[] {
  // What was read sufficed for the decision: more bytes would not change it.
  const { recipients = [] } = { ...findRecipients(header, true) };
  return recipients.map((recipient) => ({ ...recipient, verdict: verdictOn(recipient.address, settings) }));
}

function verdictOn(address: string, { prefixes, mailDomain }: RoutingSettings): Verdict {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'no-wallet';
  if (!prefixes.includes(parsed.prefix)) return 'prefix';
  return mailDomain === '' || mailDomain === parsed.domain ? 'routed' : 'domain';
}
