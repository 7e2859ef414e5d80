/** `inbox show`: one message. */
import { isMessageId, routedKey } from '../../../handler/mail/address.js';
import { OperatorError } from '../../aws/errors.js';
import { type FirstPart, readMail, refused } from '../../mailbox/bucket.js';
import { readMessage } from '../../mailbox/reading/message.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asTime, line, lines } from '../../terminal/text.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { withFolder } from './folder.js';
import { safeLink } from './print.js';
import type { InboxShowDocument } from './schema.js';

export function show(settings: Settings, host: Host, id: string, runtime: Runtime = defaultRuntime): Promise<number> {
  if (!isMessageId(id)) throw new OperatorError('Not a message id. `inbox list` prints the ids.');
  return withFolder(settings, host, runtime, async (folder) => {
    const part: FirstPart | undefined = await readMail(folder, routedKey(folder.wallet, id), {
      signal: host.signal,
    }).catch((error) => {
      host.signal.throwIfAborted();
      throw refused(folder, error);
    });
    if (part === undefined) throw new OperatorError(`There is no message ${id} for ${folder.wallet}.`);
    const { message } = await readMessage({ id, arrived: part.arrived }, part.bytes, part.whole).catch((cause) => {
      throw new OperatorError(`The message ${id} can't be read: ${cause.message}.`, { cause });
    });
    if (settings.json) {
      const document: InboxShowDocument = { version: 1, ...message, arrived: message.arrived.toISOString() };
      host.print(JSON.stringify(document, null, 2));
      return 0;
    }
    const { from, to, subject, verdicts, text, links, truncated } = message;
    const fields = { From: from, To: to, Subject: subject, Arrived: asTime(part.arrived) };
    for (const [name, value] of Object.entries(fields)) host.print(`${name}: ${line(value)}`);
    for (const [kind, verdict] of Object.entries(verdicts)) host.print(`SES on ${kind}: ${line(verdict)}`);
    host.print('');
    host.print(lines(text));
    if (links.length > 0) host.print('');
    for (const link of links) host.print(safeLink(link));
    if (truncated) host.note('The message is longer: only its first part was read.');
    return 0;
  });
}
