import { execFileSync } from 'node:child_process';
import t from 'tap';
import { backfillCommand } from '../../../src/commands/shared/backfill-command.js';
import { loadSettings } from '../../../src/settings/index.js';
import { namesOf } from '../../../src/stack/scope.js';
import { asTime } from '../../../src/terminal/text.js';

const identity = { account: '111122223333', partition: 'aws', region: 'us-east-1', caller: '' };

async function place(flags: object, env: NodeJS.ProcessEnv = {}, files: Record<string, string> = {}) {
  const { settings } = await loadSettings({ ...flags }, env, t.testdir(files));
  return { identity, settings, names: namesOf(settings, identity) };
}

t.test('the command repeats what was given; the account is always named', async (t) => {
  t.equal(backfillCommand(await place({})), 'npx --no agentkeys-ses-routing backfill --account 111122223333');
  const flags = {
    bucket: 'my-mail',
    mailDomain: 'bots.example.org',
    prefixes: 'or,br',
    profile: 'my mail',
    endpointUrl: 'http://127.0.0.1:4566',
    deleteSource: true,
  };
  t.equal(
    backfillCommand(await place(flags, { REGION: 'us-east-1' }), { '--since': asTime(0), '--via': undefined }),
    "npx --no agentkeys-ses-routing backfill --bucket my-mail --region us-east-1 --account 111122223333 --prefix or,br --mail-domain bots.example.org --profile 'my mail' --endpoint-url http://127.0.0.1:4566 --since 1970-01-01T00:00:00Z --delete-source",
  );
});

t.test('files are repeated by their names, not by what is in them', async (t) => {
  const files = {
    'a.env': 'ACCOUNT_ID=111122223333\nBUCKET=my-mail\nAGENTKEYS_SES_ROUTING_DELETE_SOURCE=true\n',
    'b.json': '{"mailDomain":"bots.example.org"}',
    'agentkeys-ses-routing.json': '{"prefixes":["or","br"]}',
  };
  const given = { envFile: 'a.env', services: 'groq', deleteSource: false };
  t.equal(
    backfillCommand(await place({ ...given, config: 'b.json' }, {}, files)),
    'npx --no agentkeys-ses-routing backfill --envfile a.env --config b.json --service groq --no-delete-source',
  );
  t.equal(
    backfillCommand(await place({}, {}, files)),
    'npx --no agentkeys-ses-routing backfill --account 111122223333',
    'the settings file of the directory is read by itself',
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
