/**
 * Messages that are built to be costly are read to their end. What that costs is measured by a bench: `npm run bench -- --only hostile`.
 */
import t from 'tap';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { hostileMessages } from './generated/hostile.js';

for (const [shape, raw] of hostileMessages(64 * 1024))
  t.test(shape, async (t) => {
    const { message } = await readMessage({ id: 'x', arrived: new Date() }, raw, true);
    t.ok(message.text.length <= 4 * raw.length, 'no more text than the message can hold');
  });
