// Reads scripts from stdin, one JSON array a line, and answers each with the terminal's state.
// Steps: ["new", cols, rows, scrollback], ["feed", hex], ["resize", cols, rows], ["state"],
// ["shown"] (the state with pens told apart by what shows), ["replies"].
// The answer is a JSON array: what the last three found, in order; or
// {"error": …} when xterm.js itself failed.
import { createInterface } from 'node:readline';
import headless from '@xterm/headless';
import addon from '@xterm/addon-unicode11';
import { describe } from './describe.mjs';

function create(cols, rows, scrollback) {
  const terminal = new headless.Terminal({
    cols, rows, scrollback, allowProposedApi: true, logLevel: 'off',
    windowOptions: { pushTitle: true, popTitle: true, getWinSizeChars: true },
  });
  terminal.loadAddon(new addon.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const core = terminal._core;
  const extra = { links: new Map(), colors: new Map(), replies: '' };
  const register = core._oscLinkService.registerLink.bind(core._oscLinkService);
  core._oscLinkService.registerLink = (data) => {
    const id = register(data);
    extra.links.set(id, data);
    return id;
  };
  core._inputHandler.onColor((events) => {
    for (const { type, index, color } of events) {
      if (type === 1) extra.colors.set(index, color);
      else if (type === 2 && index === undefined) {
        for (const key of extra.colors.keys()) if (key < 256) extra.colors.delete(key);
      } else if (type === 2) extra.colors.delete(index);
    }
  });
  terminal.onData((data) => { extra.replies += data; });
  return { core, extra };
}

function resize(core, cols, rows) {
  core.resize(cols, rows);
  // A defect of xterm.js: its hidden alternate screen keeps the room of a taller one, and once
  // shown has a scrollback. The engine does not follow it there.
  const { lines } = core.buffers.alt;
  if (lines.length === 0) lines.maxLength = core.rows;
}

function run(script) {
  const answers = [];
  let current;
  for (const [step, ...args] of script) {
    switch (step) {
      case 'new': current = create(...args); break;
      case 'feed': current.core.writeSync(new Uint8Array(Buffer.from(args[0], 'hex'))); break;
      case 'resize': resize(current.core, ...args); break;
      case 'state': answers.push(describe(current.core, current.extra)); break;
      case 'shown':
        answers.push(describe(current.core, { ...current.extra, shown: true }));
        break;
      case 'replies': answers.push(current.extra.replies); current.extra.replies = ''; break;
      default: throw new Error(`unknown step ${step}`);
    }
  }
  return answers;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let answer;
  try {
    answer = run(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
