/** `trace`: why a message is where it is, or which messages a wallet has. Read-only. */

import { OperatorError } from '../../aws/errors.js';
import { ownCommand } from '../../aws/own-command.js';
import type { Settings } from '../../settings/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asLocalTime, asTime, line, number, wrap } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { withProgress } from '../shared/read-and-plan.js';
import { type CurrentStep, defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { type Since, startOf } from '../shared/since.js';
import { adviseOn } from './advice.js';
import { type SettingsInUse, settingsInUse } from './decision.js';
import { type Found, type FoundMessage, findMessages } from './find.js';
import { mapped, messageAsJson } from './json.js';
import { traceMessage } from './message.js';
import { renderMessage } from './render.js';
import type { MessagesDocument } from './schema.js';
import { readSubject, type Subject } from './subject.js';

export interface TraceOptions {
  /** Absent: a day for a wallet or an address, and since a message was stored. */
  since?: Since;
  /** Whether the recipients' addresses are printed. */
  showRecipient: boolean;
  runtime?: Runtime;
}

const DAY = 86_400_000;

/**
 * @param text a message's id or key, an address or a wallet. It is not repeated in messages: it may be private.
 * @returns 0.
 * @throws OperatorError when nothing was found.
 */
export async function trace(settings: Settings, host: Host, text: string, options: TraceOptions): Promise<number> {
  const { runtime = defaultRuntime, since } = options;
  const subject = readSubject(text);
  if (subject === undefined)
    throw new OperatorError(
      'This is no message id, no sign-up address (such as or-0x<40 hex>-<digits>@<domain>) and no wallet. Nothing was read.',
    );
  return withScope(settings, host, runtime, async (scope, current) => {
    const given = since === undefined ? undefined : startOf(since, scope.clock.now());
    const inUse = await settingsInUse(scope);
    scope.signal.throwIfAborted();
    if (subject.kind === 'message')
      return traceOne(subject.id, inUse, { since: given }, { scope, host, current, options });
    const start = given ?? scope.clock.now() - DAY;
    const found = await withProgress(host, 'Find the messages', current, () =>
      findMessages(subject, inUse.settings, start, scope),
    );
    const [first, second] = found.messages;
    if (first === undefined) throw noneFound(subject, start, found.unseen);
    if (second === undefined) {
      for (const reason of found.unseen) host.warn(`Not seen: ${reason}`);
      return traceOne(first.id, inUse, { wallets: [subject.wallet] }, { scope, host, current, options });
    }
    if (settings.json) host.print(JSON.stringify(foundAsJson(found, subject.wallet, start), null, 2));
    else for (const each of renderFound(found, host, start)) host.print(each);
    return 0;
  });
}

interface Run {
  scope: Scope;
  host: Host;
  current: CurrentStep;
  options: TraceOptions;
}

async function traceOne(
  id: string,
  inUse: SettingsInUse,
  known: Parameters<typeof traceMessage>[2],
  { scope, host, current, options: { showRecipient } }: Run,
): Promise<number> {
  const found = await withProgress(host, 'Trace the message', current, (step) =>
    traceMessage(id, inUse, known, scope, (listed) => step.progress(() => `${number(listed)} objects listed`)),
  );
  scope.signal.throwIfAborted();
  const advice = adviseOn(found);
  const stored = 'value' in found.message ? found.message.value?.at : undefined;
  const command = advice.backfill && stored ? backfillCommand(scope, { '--since': asTime(stored) }) : undefined;
  const { paint, width } = host;
  if (scope.settings.json) host.print(JSON.stringify(messageAsJson(found, advice, command, showRecipient), null, 2));
  else
    for (const each of renderMessage(found, advice, command, { paint, width, now: scope.clock.now(), showRecipient }))
      host.print(each);
  return 0;
}

function noneFound({ kind }: Subject, start: number, unseen: string[]): OperatorError {
  const where = unseen.length === 0 ? '' : ` Not all could be seen. ${unseen.join(' ')}`;
  return new OperatorError(
    `No message for this ${kind} was found since ${asTime(start)}, in the log or in the wallet's folder. Try an earlier --since.${where}`,
  );
}

/** Whether the copy is there, as text. */
function copyOf({ copied }: FoundMessage): string {
  if ('unknown' in copied) return 'copy unknown';
  return copied.value ? 'copy there' : 'no copy';
}

function renderFound({ messages, unseen }: Found, { width }: Host, start: number): string[] {
  return [
    `${number(messages.length)} messages since ${asLocalTime(start)}`,
    ...messages.map((one) => {
      const { id, at, last } = one;
      const outcome = last === undefined ? 'not logged' : [last.outcome, last.reason].filter(Boolean).join(': ');
      return `  ${asLocalTime(at)}  ${line(id)}  ${line(outcome)}, ${copyOf(one)}`;
    }),
    ...unseen.flatMap((reason) => wrap(`Not seen: ${reason}`, width, '')),
    `To find out about one: ${ownCommand('trace <message id>')}`,
  ];
}

function foundAsJson({ messages, unseen }: Found, wallet: string, start: number): MessagesDocument {
  return {
    version: 1,
    kind: 'messages',
    wallet,
    since: asTime(start),
    messages: messages.map(({ id, at, last, copied }) => ({
      id,
      at: asTime(at),
      ...(last && { outcome: last.outcome, reason: last.reason }),
      copied: mapped(copied, (value) => value),
    })),
    unseen,
  };
}
