import { Command } from 'commander';
import t from 'tap';
import { addSettingFlags, givenFlags } from '../../../src/commands/shared/flags.js';

t.test("a command's own flag is not taken for a setting of the same name", async (t) => {
  const parsed = (keys: Parameters<typeof addSettingFlags>[1]) => {
    const command = new Command();
    addSettingFlags(command, keys, false);
    if (!keys.includes('timeout')) command.option('--timeout <seconds>', 'of its own');
    return givenFlags(command.parse(['--timeout', '7'], { from: 'user' }));
  };
  t.strictSame(parsed(['timeout', 'bucket']), { timeout: '7' });
  t.strictSame(parsed(['bucket']), {});
  t.strictSame(givenFlags(new Command()), {}, 'a command that takes no settings');
});
