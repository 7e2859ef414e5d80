/**
 * What the documents promise about security, and the test that shows each promise.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { documentNames } from './markdown.js';

/** The tests, by what they are called in the table. Each is a file, and the name of a test or of a case in it. */
const tests = {
  access: ['test/docs/bucket-policy.test.ts', 'a wallet can read and list its own folder, and nothing else is allowed'],
  agents: ['test/commands/inbox/scenario.test.ts', "an agent signs up with an address and gets the link; others can't"],
  demo: ['test/commands/demo/demo.test.ts', 'the output from beginning to end'],
  runbook: ['test/docs/stage7.test.ts', 'every command, and what it prints'],
  broker: ['test/stack/broker/inbound-access.test.ts', 'a broker that has no access to S3 gets none unasked'],
  brokerPolicies: [
    'test/stack/plan/broker-access.test.ts',
    'what the policies show decides, where nothing was recorded',
  ],
  keys: ['test/stack/routing.test.ts', "take any one statement out of the role's policy and something fails"],
  consent: ['test/stack/adoption.test.ts', 'routing less, and routing more, needs confirmation'],
  plan: ['test/stack/deploy.test.ts', 'a dry run writes nothing, and its plan is the one that deploy applies'],
  teardown: ['test/stack/teardown.test.ts', 'teardown asks first, and no is the default'],
  strangers: ['test/stack/adoption.test.ts', 'not adopted, they and what they are on outlast deploys and teardowns'],
  where: ['test/stack/routing.test.ts', 'every fixture ends where it should, byte for byte, and each is logged once'],
  envelope: [
    'test/handler/mail/decide.property.test.ts',
    'the envelope recipient decides, whatever else the message holds',
  ],
  first: ['test/handler/mail/decide.test.ts', "SES's trace header is the first Received, whatever stands above it"],
  forgedHelo: ['test/handler/mail/trace-header.test.ts', 'a HELO with a whole trace header in it'],
  forgedLocalPart: ['test/handler/mail/trace-header.test.ts', 'a quoted local part with a trace header in it'],
  deleted: [
    'test/stack/routing.test.ts',
    "with --delete-source a message goes once it is routed on SES's word, and only then",
  ],
  kept: ['test/handler/route.test.ts', 'the source is not deleted when a copy failed'],
  failures: ['test/handler/faults.test.ts', 'each ends as expected'],
  replaced: ['test/handler/replaced.test.ts', 'replaced before the copy by login mail: that stays'],
  unexplained: ['test/handler/replaced.test.ts', 'a 412 without a reason, then the copy exists: the message is kept'],
  twice: ['test/handler/route.test.ts', 'routing is idempotent'],
  encrypted: ['test/handler/route.test.ts', 'a client-side encrypted message stays'],
  privacy: ['test/stack/privacy.test.ts', 'at level ${level}'],
  ownWords: ['test/handler/failure.test.ts', 'the error that is thrown'],
  terminal: ['test/terminal/terminal.test.ts', 'text from elsewhere never reaches the terminal raw'],
  loopback: ['test/sandbox/access/local-requests.test.ts', 'it listens on the loopback address only'],
  local: ['test/sandbox/access/local-requests.test.ts', 'only local clients are answered'],
  strict: ['test/handler/mail/recipients.differential.test.ts', 'the malformed lists'],
  exact: ['test/mailbox/wait.test.ts', 'the exact address: the envelope recipient, else the To field'],
  folder: ['test/mailbox/wait.test.ts', "only the wallet's folder is read, and each message once"],
  errors: ['test/mailbox/provisioner.test.ts', 'the error: counts and keys, no sender and no subject'],
  verdicts: ['test/mailbox/reading/verdict.test.ts', "only SES's own verdicts count"],
  operator: [
    'test/stack/operator-policy.test.ts',
    'take any one action away and some run is refused: no action is there for nothing',
  ],
  planner: ['test/docs/ci.test.ts', 'the role for plans lists keys, and reads no mail'],
  verify: [
    'test/commands/verify/sabotage.test.ts',
    'each sabotage fails exactly the right checks, and a deploy fixes it',
  ],
} satisfies Record<string, [file: string, name: string]>;

type Shown = keyof typeof tests;

/** The promises, by document: a part of each sentence, without line breaks, and what shows it. */
const claims: Record<string, Array<[sentence: string, ...by: Shown[]]>> = {
  'README.md': [
    ['which only the broker and the administrator may read; an agent may read only its own wallet', 'access', 'demo'],
    ['so that the agent can read the mail it waits for, and no other agent can', 'agents', 'access'],
    ['Every other read by these three is denied', 'demo'],
    ['may list and read `inbound/*`, write `bots/*/inbound/*` and its own logs, and nothing else', 'keys', 'runbook'],
    ['may not read, list, write or delete routed mail', 'demo', 'runbook'],
    ['**Mail is never lost.** If anything fails, the message stays in `inbound/`', 'failures', 'kept'],
    [
      "SES's own trace header names the recipient, and a sender can't forge it.",
      'envelope',
      'forgedHelo',
      'forgedLocalPart',
    ],
    ['and then nothing is ever deleted', 'deleted'],
    ['**Other mail stays.**', 'where'],
    ['**Nothing private is logged**: no subject, no body, no address that was not routed.', 'privacy'],
    ['**Resources of others are left alone.**', 'strangers'],
    [
      'It deletes no mail, unless you set `--delete-source`, and then only from `inbound/`, after the copy was made.',
      'deleted',
      'kept',
    ],
  ],
  '.github/SECURITY.md': [
    ["an agent's session reads its own wallet's folder and nothing else of the bucket", 'access', 'verify'],
    ["after a deploy, the broker's role can't read routed mail", 'demo', 'verify'],
    [
      'the function can list and read `inbound/`, write `bots/*/inbound/` and its logs, and nothing else',
      'keys',
      'runbook',
    ],
    ["where SES's trace header names the envelope recipient, it alone decides which wallet", 'envelope', 'first'],
    [
      'logs and errors contain no address that was not routed, no subject, no body and no token',
      'privacy',
      'ownWords',
      'errors',
    ],
    [
      'a deploy changes nothing that the plan did not show, and deletes nothing without consent',
      'plan',
      'consent',
      'teardown',
    ],
    ["text in a mail or an answer that controls the operator's terminal", 'terminal'],
    ['it does not verify signatures, and listens on the loopback address only', 'loopback', 'local'],
  ],
  'docs/ci.md': [["lists the bucket's keys, which hold wallets; it can't read mail", 'planner']],
  'docs/cloud-setup.md': [
    ['where only a session of that wallet can read it', 'access', 'agents'],
    ["the router can't read its header", 'encrypted'],
    ['a session may read objects under `bots/<its wallet>/`', 'access'],
    ['A session without the tag may read nothing', 'access'],
    ["the broker can read `inbound/` and can't read routed mail", 'demo', 'runbook'],
  ],
  'docs/design.md': [
    ['**Nothing private leaves it.**', 'privacy', 'ownWords'],
    ["**Polling lists the wallet's folder and nothing else.**", 'folder'],
    ["**SES's verdicts** count where SES writes them", 'verdicts'],
    ['It answers local clients only', 'local'],
  ],
  'docs/from-deploy-sh.md': [['a forged `To` has no effect', 'envelope', 'where']],
  'docs/logs-and-metrics.md': [
    ['Nothing that a sender wrote is logged: no subject, no body, no HELO, no address.', 'privacy'],
    ["only S3's code, status and request id are logged, never S3's text", 'privacy', 'ownWords'],
    ['The function never drops a message.', 'failures'],
  ],
  'docs/mailbox.md': [
    ["lets that session read its own wallet's folder and nothing else", 'access'],
    ["it is compared with the envelope recipient, which a sender can't forge", 'exact', 'forgedHelo'],
  ],
  'docs/migrating-the-provisioner.md': [['**No sender and no subject is in an error**', 'errors']],
  'docs/operations.md': [
    ["can't read any of it | the deny alone", 'broker', 'brokerPolicies'],
    ['may read some of it, or under a condition; or a policy could not be read', 'brokerPolicies'],
  ],
  'docs/permissions.md': [['tested by running each command with its policy and nothing else', 'operator']],
  'docs/routing.md': [
    ["a forged one doesn't move login mail", 'envelope', 'where'],
    ["A message that was routed by the sender's fields is never deleted from `inbound/`", 'deleted'],
    ['So the decision about one message is never applied to another', 'replaced'],
    ['the message is never deleted because a copy exists', 'unexplained'],
    ['A copy is never overwritten.', 'twice'],
    ['A forged one is below it, and is not read.', 'first'],
    ['A trace header forged in either of the first two', 'forgedHelo'],
    ['One in a quoted local part is after them', 'forgedLocalPart'],
    ['a message is routed only where a strict parser sees the address too', 'strict'],
  ],
  'docs/stage7-demo-and-verification.md': [['The broker may read `inbound/`, as before', 'runbook']],
};

/** Sentences with a word of `promising` that promise nothing of this tool's. */
const others: Record<string, string[]> = {
  'README.md': ['that mail is isolated, and that a test message is routed', 'isolates mail and routes a test message'],
  'docs/configuration.md': [
    'Node.js has a flag of that name, and may read the file itself',
    'A user name and password can be in the proxy',
  ],
  'docs/design.md': [
    'is the whole list of calls that can change an account',
    'the process: signals, streams',
    'a deploy that changes nothing else would write',
    'What each principal must and must not be able to do',
    'is then the metrics and nothing else',
  ],
  'docs/logs-and-metrics.md': ["Mail that can't be read because the receipt rule has a KMS key"],
  'docs/operations.md': ['`verify` checks that the router works and isolates', '**Isolation**: who may do what'],
  'docs/routing.md': [
    // What SES does, by its own documentation and RFC 5321.
    "the sender can't write anything above SES's trace header",
    "The sender can't choose line breaks",
    "Its header can't be read",
  ],
};

const promising =
  /\b(can't (be )?(read|forge|choose|see|write|redirect)|may (not )?read\b|never (logged|deleted|overwritten|lost|drops|applied)|nothing else|no other agent|private|forged?|isolat\w+)\b/i;

const documents = [...(await documentNames()), '.github/SECURITY.md'].filter((name) => name !== 'docs/benchmarks.md');

const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The sentences of a document, list items and rows of tables, without blocks and comments. */
function sentencesOf(markdown: string): string[] {
  return markdown
    .replace(/```[\s\S]*?```|<!--[\s\S]*?-->/g, '')
    .split(/\n(?=\n|[-|#>]|\d+\. )/)
    .flatMap((block) => inOneLine(block).split(/(?<=[.:;])\s(?=[A-Z`*[])/));
}

t.test('each promise is in its document, and each of its tests exists', async (t) => {
  for (const [document, promises] of Object.entries(claims)) {
    const text = inOneLine(await readFile(document, 'utf8'));
    for (const [sentence] of promises) t.ok(text.includes(sentence), `${document}: ${sentence}`);
  }
  for (const [file, name] of Object.values(tests)) {
    const source = await readFile(file, 'utf8');
    t.ok(source.includes(name), `${file}: ${name}`);
  }
  const used = new Set(Object.values(claims).flatMap((promises) => promises.flatMap(([, ...by]) => by)));
  t.strictSame(
    Object.keys(tests).filter((name) => ![...used].some((one) => one === name)),
    [],
    'no test is listed for nothing',
  );
});

t.test(
  'each sentence that promises something is in the table: name the test that shows it, or leave it out',
  async (t) => {
    for (const document of documents) {
      const known = [...(claims[document] ?? []).map(([sentence]) => sentence), ...(others[document] ?? [])];
      const sentences = sentencesOf(await readFile(document, 'utf8')).filter((sentence) => promising.test(sentence));
      const missing = sentences.filter((sentence) => !known.some((part) => sentence.includes(part)));
      t.strictSame(missing, [], document);
    }
  },
);

t.test('every promise of the README and of the security policy is in the table', async (t) => {
  const lists: Array<[document: string, from: string, to: string]> = [
    ['README.md', '## What it promises', '## What it does not do'],
    ['.github/SECURITY.md', '## What counts', 'Breaking any of these'],
  ];
  for (const [document, from, to] of lists) {
    const text = await readFile(document, 'utf8');
    const items = text
      .slice(text.indexOf(from), text.indexOf(to))
      .split(/\n(?=- )/)
      .slice(1)
      .map(inOneLine);
    t.ok(items.length > 3);
    // Speed is shown by docs/benchmarks.md.
    for (const item of items.filter((one) => !one.startsWith('- **It is fast.**')))
      t.ok(
        claims[document]?.some(([sentence]) => item.includes(sentence)),
        `${document}: ${item}`,
      );
  }
});
