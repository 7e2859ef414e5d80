import { Command } from 'commander';
import t from 'tap';
import { given, offer } from '../../src/cli/flags.js';

t.test("a command's own flag is not a setting's of the same name", async (t) => {
  const parsed = (keys: Parameters<typeof offer>[1]) => {
    const command = new Command();
    offer(command, keys, false);
    if (!keys.includes('timeout')) command.option('--timeout <seconds>', 'of its own');
    return given(command.parse(['--timeout', '7'], { from: 'user' }));
  };
  t.strictSame(parsed(['timeout', 'bucket']), { timeout: '7' });
  t.strictSame(parsed(['bucket']), {});
  t.strictSame(given(new Command()), {}, 'a command that takes no settings');
});
