//! The colours of a character. What hides text (concealed, blinking) is not among them.

use std::fmt::Write;
use vte::Params;

/// How a character looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    foreground: Colour,
    background: Colour,
    flags: u8,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Colour {
    #[default]
    Usual,
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// What sets and what takes away each flag.
const FLAGS: [(u16, u16); 6] = [(1, 22), (2, 22), (3, 23), (4, 24), (7, 27), (9, 29)];

impl Style {
    /// Takes over a `CSI … m`.
    pub(super) fn change(&mut self, params: &Params) {
        let mut params = params.iter();
        while let Some(param) = params.next() {
            let code = param[0];
            match code {
                0 => *self = Self::default(),
                30..=37 => self.foreground = indexed(code - 30),
                39 => self.foreground = Colour::Usual,
                40..=47 => self.background = indexed(code - 40),
                49 => self.background = Colour::Usual,
                90..=97 => self.foreground = indexed(code - 90 + 8),
                100..=107 => self.background = indexed(code - 100 + 8),
                38 | 48 => {
                    let colour = match param {
                        // Between colons, the number of a colour space may stand in the middle.
                        [_, 2, _, red, green, blue, ..] => {
                            long([2, *red, *green, *blue].into_iter())
                        }
                        [_, rest @ ..] if !rest.is_empty() => long(rest.iter().copied()),
                        _ => long(params.by_ref().map(|param| param[0])),
                    };
                    match colour {
                        Some(colour) if code == 38 => self.foreground = colour,
                        Some(colour) => self.background = colour,
                        None => {}
                    }
                }
                _ => self.flag(code, param.get(1) == Some(&0)),
            }
        }
    }

    fn flag(&mut self, code: u16, is_off: bool) {
        for (bit, (on, off)) in FLAGS.iter().enumerate() {
            if code == *off || (code == *on && is_off) {
                self.flags &= !(1 << bit);
            } else if code == *on {
                self.flags |= 1 << bit;
            }
        }
    }

    /// As a sequence that makes a terminal write so, whatever it did before.
    pub(super) fn sequence(self) -> String {
        let mut out = "\u{1b}[0".to_string();
        for (bit, (on, _)) in FLAGS.iter().enumerate() {
            if self.flags & (1 << bit) != 0 {
                // Writing to a String cannot fail.
                let _ok = write!(out, ";{on}");
            }
        }
        for (kind, colour) in [(38, self.foreground), (48, self.background)] {
            let _ok = match colour {
                Colour::Usual => Ok(()),
                Colour::Indexed(number) if number < 8 => write!(out, ";{}", kind - 8 + number),
                Colour::Indexed(number) => write!(out, ";{kind};5;{number}"),
                Colour::Rgb(red, green, blue) => write!(out, ";{kind};2;{red};{green};{blue}"),
            };
        }
        out.push('m');
        out
    }
}

fn indexed(number: u16) -> Colour {
    Colour::Indexed(u8::try_from(number).unwrap_or_default())
}

/// What follows 38 or 48: the number of a colour, or its three parts.
fn long(mut numbers: impl Iterator<Item = u16>) -> Option<Colour> {
    let mut next = || numbers.next().map(|n| u8::try_from(n).unwrap_or(u8::MAX));
    match next()? {
        5 => Some(Colour::Indexed(next()?)),
        2 => Some(Colour::Rgb(next()?, next()?, next()?)),
        _ => None,
    }
}
