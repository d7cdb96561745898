// The state of an xterm.js terminal as lines of text, in the form of src/describe.rs.

const EXTENDED = 0x10000000;
const hex = (n) => (n >>> 0).toString(16);

// Rust's form of a string in debug output, for the strings that occur here.
const quote = (text) => {
  let out = '"';
  for (const c of text) {
    if (c === '"' || c === '\\') out += '\\' + c;
    else out += c;
  }
  return out + '"';
};
const list = (items) => '[' + items.join(', ') + ']';

// The value of a palette colour keeps bits of an earlier one above it; nothing reads them.
const clean = (n) => {
  const kind = n & 0x3000000;
  return kind === 0x1000000 || kind === 0x2000000 ? n & ~0xffff00 : n;
};

// As Pen::visible in src/cell.rs.
function visibleOf(fg, bg, ext, urlId) {
  const style = 0x1c000000;
  const underline = 0x10000000;
  if (!(bg & EXTENDED)) {
    urlId = 0;
    if (fg & underline) ext = (ext & ~style) | (1 << 26);
  }
  if (!(ext & style)) fg &= ~underline;
  if (!(fg & underline)) ext &= ~style;
  bg = ext & style || urlId ? bg | EXTENDED : bg & ~EXTENDED;
  return [fg, bg, ext, urlId];
}

function penOf(fg, bg, ext, urlId, { links, shown }) {
  if (shown) [fg, bg, ext, urlId] = visibleOf(fg, bg, ext, urlId);
  let text = `${hex(clean(fg))},${hex(clean(bg))},${hex(clean(ext & 0x1fffffff))},`;
  const link = links.get(urlId);
  if (link) text += `${link.id ?? ''};${link.uri}`;
  return text;
}

function charsetNames(core) {
  // The sets themselves are not exported: a probe of a fresh service would need them, so they
  // are recognized by what they do.
  const marks = {
    '◆': '0', '¾': '4', 'Ä[': '5', 'à°': 'R', 'àâ': 'Q', '§Ä': 'K', '§°': 'Y', 'ÄÆ': '6',
    '§¡': 'Z', 'ÉÄ': '7', 'àé': '=',
  };
  return (set) => {
    if (!set) return 'B';
    if (set['`'] === '◆') return '0';
    if (set['@'] === '¾') return '4';
    if (!set['@'] && set['['] === 'Ä') return '5';
    if (!set['@']) return 'A';
    return marks[set['@'] + set['[']] ?? '?';
  };
}

function modesOf(core) {
  const dec = core.coreService.decPrivateModes;
  const flags = [
    dec.applicationCursorKeys, dec.applicationKeypad, dec.bracketedPasteMode, dec.origin,
    dec.wraparound, dec.reverseWraparound, dec.sendFocus, dec.synchronizedOutput,
    core.coreService.modes.insertMode, core.options.convertEol, core.coreService.isCursorHidden,
    core.options.cursorBlink,
  ];
  const shapes = { block: 'Some(Block)', underline: 'Some(Underline)', bar: 'Some(Bar)' };
  const protocols = { NONE: 'Off', X10: 'X10', VT200: 'Normal', DRAG: 'Drag', ANY: 'Any' };
  const encodings = { DEFAULT: 'Default', SGR: 'Sgr', SGR_PIXELS: 'SgrPixels' };
  const blink = dec.cursorBlink === undefined ? 'None' : `Some(${dec.cursorBlink})`;
  return `${flags.map((on) => (on ? 1 : 0)).join('')} ${shapes[dec.cursorStyle] ?? 'None'} ` +
    `${blink} ${protocols[core.coreMouseService.activeProtocol]} ` +
    encodings[core.coreMouseService.activeEncoding];
}

function rowOf(line, cols, extra) {
  let text = line.isWrapped ? '+' : '-';
  let used = 0;
  // Half of a wide character at the edge cannot be brought about in a fresh terminal.
  const end = extra.shown && line.getWidth(cols - 1) === 2 ? cols - 1 : cols;
  for (let x = 0; x < end; x++) {
    let [content, fg, bg] = line._data.slice(x * 3, x * 3 + 3);
    const extended = bg & EXTENDED ? line._extendedAttrs[x] : undefined;
    if (extra.shown) [fg, bg] = visibleOf(fg, bg, extended?._ext ?? 0, extended?._urlId ?? 0);
    if (content !== 0x400000 || fg || bg) used = x + 1;
  }
  let last;
  for (let x = 0; x < used; x++) {
    const bg = line._data[x * 3 + 2];
    const extended = bg & EXTENDED ? line._extendedAttrs[x] : undefined;
    const pen = penOf(line._data[x * 3 + 1], bg, extended?._ext ?? 0, extended?._urlId ?? 0, extra);
    if (pen !== last) text += `[${pen}]`;
    last = pen;
    text += line.getString(x);
    const width = line.getWidth(x);
    if (width !== 1) text += `/${width}`;
    text += '\u0001';
  }
  return text;
}

function bufferOf(out, buffer, shown, core, extra) {
  const name = charsetNames(core);
  const { cols } = core;
  if (shown) out.push(`cursor ${buffer.x} ${buffer.y}`);
  const saved = buffer.savedCurAttrData;
  out.push(`saved ${buffer.savedX} ${buffer.savedY} ${hex(clean(saved.fg))} ` +
    `${hex(clean(saved.bg))} ${name(buffer.savedCharset)}`);
  const tabs = Array.from({ length: cols }, (_, x) => x).filter((x) => buffer.tabs[x]);
  out.push(`tabs ${list(tabs)}`);
  out.push(`margins ${buffer.scrollTop} ${buffer.scrollBottom}`);
  out.push(`base ${buffer.ybase}`);
  for (let y = 0; y < buffer.lines.length; y++) {
    out.push(rowOf(buffer.lines.get(y), cols, extra));
  }
}

// Inside of a sequence only REP could still tell what would be joined; if it does, that is seen
// in the cells.
function joinOf(parser, { shown }) {
  const idle = parser.currentState === 0;
  return shown && !idle ? 0 : parser.precedingJoinState >> 1;
}

export function describe(core, extra) {
  const input = core._inputHandler;
  const pen = input._curAttrData;
  const name = charsetNames(core);
  const charsets = core._charsetService;
  const four = [0, 1, 2, 3].map((g) => name(charsets._charsets[g])).join('');
  const out = [
    `size ${core.cols}x${core.rows}`,
    `pen ${penOf(pen.fg, pen.bg, pen.extended._ext, pen.extended._urlId, extra)}`,
    `join ${joinOf(input._parser, extra)}`,
    `modes ${modesOf(core)}`,
    `charsets ${four} ${charsets.glevel} ${name(charsets.charset)}`,
    `titles ${quote(input._windowTitle)}`,
    `icon ${quote(input._iconName)}`,
    `pushed ${list(input._windowTitleStack.map(quote))}`,
    `pushed icons ${list(input._iconNameStack.map(quote))}`,
  ];
  const two = (n) => n.toString(16).padStart(2, '0').repeat(2);
  for (const key of [...extra.colors.keys()].sort((a, b) => a - b)) {
    const [r, g, b] = extra.colors.get(key);
    const slot = key < 256 ? `4;${key}` : String(key - 256 + 10);
    out.push(`color ${slot} rgb:${two(r)}/${two(g)}/${two(b)}`);
  }
  const alternate = core.buffers.active === core.buffers.alt;
  out.push('normal' + (alternate ? '' : ' shown'));
  bufferOf(out, core.buffers.normal, !alternate, core, extra);
  out.push('alternate' + (alternate ? ' shown' : ''));
  bufferOf(out, core.buffers.alt, alternate, core, extra);
  return out;
}
