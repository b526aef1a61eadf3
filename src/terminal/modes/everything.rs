//! What undoes everything, for when nobody saw what was switched on.

/// In this order: what keeps a terminal from understanding the rest comes first.
pub(super) const EVERYTHING: [&str; 15] = [
    // A place that VT52 waits for takes two bytes; then out of Tektronix's screen and of VT52.
    "\u{18}\u{18}\u{18}\u{1b}\u{3}\u{18}\u{1b}<",
    // Everything goes to the printer.
    "\u{1b}[4i\u{1b}[?4i",
    // A string that does not end, controls of eight bits, the level, the status line.
    "\u{18}\u{1b}\\\u{1b} F\u{1b}[64;1\"p\u{1b}[0$}\u{1b}[0$~",
    // Key reports (each of the two screens has its own), another screen.
    "\u{1b}[<9u\u{1b}[?1049l\u{1b}[<9u\u{1b}[=0u",
    // Margins, and places that count from them.
    "\u{1b}[?69l\u{1b}[r\u{1b}[?6l\u{1b}[0*x\u{1b}[999;1H",
    // Mouse and focus reports, paste marks, updates that are held back.
    "\u{1b}[?5l\u{1b}[?9l\u{1b}[?1000l\u{1b}[?1001l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1004l\
     \u{1b}[?1005l\u{1b}[?1006l\u{1b}[?1015l\u{1b}[?1016l\u{1b}[0'z\
     \u{1b}[?2004l\u{1b}[?2026l\u{1b}[?2031l\u{1b}[?2048l",
    // Keypad, cursor and modified keys, and keys that an agent gave texts.
    "\u{1b}[?1l\u{1b}[?66l\u{1b}>\u{1b}[>m\u{1b}[>f\u{1b}[>4;0m\u{1b}[?1034h\u{1b}[?1035h\
     \u{1b}P0;1|\u{1b}\\",
    // Insertion, new lines, a locked keyboard, local echo, wrapping.
    "\u{1b}[4l\u{1b}[20l\u{1b}[2l\u{1b}[12h\u{1b}[?7h\u{1b}[?1046h\u{1b}m",
    // The cursor and the pointer.
    "\u{1b}[?25h\u{1b}[0 q\u{1b}[>1p\u{1b}[>0s",
    // Character sets.
    "\u{1b}(B\u{1b})B\u{1b}*B\u{1b}+B\u{f}\u{1b}}",
    // Links, protection, colours.
    "\u{1b}]8;;\u{1b}\\\u{1b}[0\"q\u{1b}[0m\u{1b}]104\u{1b}\\\u{1b}]105\u{1b}\\\u{1b}]R\u{1b}\\",
    "\u{1b}]110\u{1b}\\\u{1b}]111\u{1b}\\\u{1b}]112\u{1b}\\\u{1b}]113\u{1b}\\\u{1b}]114\u{1b}\\",
    "\u{1b}]115\u{1b}\\\u{1b}]116\u{1b}\\\u{1b}]117\u{1b}\\\u{1b}]118\u{1b}\\\u{1b}]119\u{1b}\\",
    // Titles, lamps, bells.
    "\u{1b}[>T\u{1b}[0q\u{1b}[8 t\u{1b}[8 u",
    // What only the console of Linux knows: bell, times, colours.
    "\u{1b}[9;0]\u{1b}[10]\u{1b}[11]\u{1b}[14;0]\u{1b}[16]\u{1b}[1;6]\u{1b}[2;8]",
];
/// The state of a terminal that understood a string otherwise than we did.
pub(super) const UNFINISHED: &str = "\u{18}\u{1b}\\\u{1b}]R\u{1b}\\";
