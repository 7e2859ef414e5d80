/**
 * The program's commands, which lay out their help: examples first, then the flags by group, then the rest of the text.
 */
import { styleText } from 'node:util';
import { type AddHelpTextContext, type AddHelpTextPosition, Command, Help } from 'commander';
import { settingFlags } from '../commands/shared/definition.js';
import { flagGroups } from '../settings/definition.js';
import { wrap } from '../terminal/text.js';
import { entries, layOut, type Palette } from './help-text.js';

const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  // Commander removes the colours where there are none.
  styleText(format, text, { validateStream: false });

const palette: Palette = { heading: paint('bold'), term: paint('cyan'), comment: paint('dim') };

/** What `addHelpText` was given for each command. */
const texts = new WeakMap<Command, string>();

/** A command whose text of the help is laid out for the terminal. */
export class HelpfulCommand extends Command {
  override createCommand(name?: string): Command {
    return new HelpfulCommand(name);
  }

  override createHelp(): Help {
    return Object.assign(new GroupedHelp(), this.configureHelp());
  }

  override addHelpText(_: AddHelpTextPosition, text: string | ((context: AddHelpTextContext) => string)): this {
    texts.set(this, String(text));
    return this;
  }
}

/** The headings of flags, in their order. The last is that of --help. */
const headings = [...flagGroups.map((group) => `${group}:`), 'Options:'];

class GroupedHelp extends Help {
  override subcommandTerm(command: Command): string {
    return command.name();
  }

  override formatHelp(command: Command, helper: Help): string {
    const width = Number(helper.helpWidth);
    const { examples, rest } = layOut(texts.get(command) ?? '', width, palette);
    const usage = wrap(helper.commandUsage(command), width, 'Usage: ', '    ').join('\n');
    const list = (heading: string, items: ReadonlyArray<readonly [term: string, description: string]>) =>
      section(heading, entries(items, width, palette));
    const operands = helper
      .visibleArguments(command)
      .map((each) => [helper.argumentTerm(each), helper.argumentDescription(each)] as const);
    // A command without subcommands has no `help` either.
    const subcommands = command.commands.length === 0 ? [] : helper.visibleCommands(command);
    const flags = helper.visibleOptions(command);
    const ownFirst = [
      ...flags.filter((each) => !settingFlags.has(each)),
      ...flags.filter((each) => settingFlags.has(each)),
    ];
    const sections = [
      usage.replace('Usage:', palette.heading),
      wrap(helper.commandDescription(command), width, '').join('\n'),
      section('Examples:', examples),
      list('Arguments:', operands),
      list(
        'Commands:',
        subcommands.map((each) => [helper.subcommandTerm(each), each.description()] as const),
      ),
      ...headings.map((heading) =>
        list(
          heading,
          ownFirst
            .filter(({ helpGroupHeading = 'Options:' }) => helpGroupHeading === heading)
            .map((each) => [helper.optionTerm(each), helper.optionDescription(each)] as const),
        ),
      ),
      rest.join('\n'),
    ];
    return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
  }
}

/** Lines under a heading; empty without lines. */
function section(heading: string, lines: string[]): string {
  return lines.length === 0 ? '' : [palette.heading(heading), ...lines].join('\n');
}
