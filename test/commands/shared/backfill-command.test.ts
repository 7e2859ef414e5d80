import { execFileSync } from 'node:child_process';
import t from 'tap';
import { backfillCommand } from '../../../src/commands/shared/backfill-command.js';
import { loadSettings } from '../../../src/settings/index.js';
import { namesOf } from '../../../src/stack/scope.js';
import { asTime } from '../../../src/terminal/text.js';

const identity = { account: '111122223333', partition: 'aws', region: 'us-east-1', caller: '' };

async function place(flags: object) {
  const { settings } = await loadSettings({ ...flags }, {}, t.testdirName);
  return { identity, settings, names: namesOf(settings, identity) };
}

t.test('the command has every setting that decides what is routed', async (t) => {
  t.equal(
    backfillCommand(await place({})),
    'npx --no agentkeys-ses-routing backfill --bucket agentkeys-mail-111122223333 --region us-east-1 --account 111122223333 --prefix or',
  );
  const flags = {
    bucket: 'my-mail',
    mailDomain: 'bots.example.org',
    prefixes: 'or,br',
    profile: 'my mail',
    endpointUrl: 'http://127.0.0.1:4566',
    deleteSource: true,
  };
  t.equal(
    backfillCommand(await place(flags), { '--since': asTime(0), '--via': undefined }),
    "npx --no agentkeys-ses-routing backfill --bucket my-mail --region us-east-1 --account 111122223333 --prefix or,br --mail-domain bots.example.org --profile 'my mail' --endpoint-url http://127.0.0.1:4566 --since 1970-01-01T00:00:00Z --delete-source",
  );
});

t.test('a shell reads every word unchanged', async (t) => {
  const where = await place({});
  for (const word of ['inbound/a b', "inbound/it's", 'inbound/$(reboot)', 'inbound/`x`"\\', 'inbound/é\n*']) {
    const command = backfillCommand(where, { '--start-after': word });
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`])
      .toString()
      .split('\0');
    t.equal(words[words.indexOf('--start-after') + 1], word);
  }
});
