//! One of several: the arrow keys move, Enter takes.

use super::super::Result;
use super::tty::{Keys, Tty};
use super::{broken, interrupted};
use crate::terminal::words;
use std::io;

const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const INTERRUPT: u8 = 3;

/// One of several, which there are.
pub(in crate::cli) fn choose(question: &str, items: &[String]) -> Result<usize> {
    let mut tty = Tty::open(Keys::Single).map_err(broken)?;
    let mut chosen = 0;
    let shown = tty.write(&format!(
        "{HIDE_CURSOR}{}",
        picture(question, items, chosen)
    ));
    let answer = shown.and_then(|()| {
        loop {
            let keys = match tty.keys()? {
                Ok(keys) => keys,
                Err(signal) => return Ok(Err(128 + signal)),
            };
            chosen = match keys.as_slice() {
                [] | [INTERRUPT, ..] | b"\x1b" => return Ok(Err(130)),
                b"\x1b[A" | b"\x1bOA" | b"k" => (chosen + items.len() - 1) % items.len(),
                b"\x1b[B" | b"\x1bOB" | b"j" | b"\t" => (chosen + 1) % items.len(),
                keys if keys.ends_with(b"\r") || keys.ends_with(b"\n") => {
                    // Keys that came together with Enter count before it.
                    let downs = keys.windows(3).filter(|three| *three == b"\x1b[B").count();
                    return Ok(Ok((chosen + downs) % items.len()));
                }
                _ => chosen,
            };
            redraw(&mut tty, question, items, chosen)?;
        }
    });
    let left = match &answer {
        Ok(Ok(taken)) => format!("{question} {}", items[*taken].trim()),
        _ => question.to_string(),
    };
    let end = format!(
        "{}{}\n{SHOW_CURSOR}",
        up(items.len() + 1),
        words::line(&left)
    );
    let _gone = tty.write(&end);
    answer.map_err(broken)?.map_err(interrupted)
}

fn redraw(tty: &mut Tty, question: &str, items: &[String], chosen: usize) -> io::Result<()> {
    tty.write(&(up(items.len() + 1) + &picture(question, items, chosen)))
}

/// Back to the first of so many lines, and nothing is below.
fn up(lines: usize) -> String {
    format!("\u{1b}[{lines}A\r\u{1b}[J")
}

fn picture(question: &str, items: &[String], chosen: usize) -> String {
    let mut lines = words::line(question).into_owned() + "\n";
    for (at, item) in items.iter().enumerate() {
        let mark = if at == chosen { "> " } else { "  " };
        lines += &format!("{mark}{}\n", words::cell(item));
    }
    lines
}
