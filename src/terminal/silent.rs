//! Which sequences a terminal never answers: they draw, colour, or set a mode. Whatever is not known
//! here may be a question.

use vte::Params;

/// A longer command may have been cut by the parser.
const LONGEST_COMMAND: usize = 1000;

/// A control sequence that draws, colours or sets a mode.
#[must_use]
pub fn is_silent_control(params: &Params, intermediates: &[u8], action: char) -> bool {
    let first = params.iter().next().map_or(0, |param| param[0]);
    match intermediates {
        [] if action == 't' => matches!(first, 22 | 23),
        [] => "ABCDEFGHIJKLMPSTXZ@`abdefghlmrsu".contains(action),
        b"?" => "hlrsJK".contains(action),
        b">" => "mu".contains(action),
        b"<" | b"=" => action == 'u',
        b" " => "q@A".contains(action),
        b"!" => action == 'p',
        b"\"" => action == 'q',
        b"$" => "rtvxz{".contains(action),
        b"'" => "}~".contains(action),
        b"#" => "{}".contains(action),
        _ => false,
    }
}

/// An escape sequence that moves, keeps a place or chooses a character set.
#[must_use]
pub fn is_silent_escape(intermediates: &[u8], byte: u8) -> bool {
    match intermediates {
        [] => b"78=>DEHMNOcno|}~".contains(&byte),
        b"(" | b")" | b"*" | b"+" | b"-" | b"." | b"/" | b"#" | b"%" => true,
        _ => false,
    }
}

/// A command that sets a title, a colour, a link or a place.
#[must_use]
pub fn is_silent_command(params: &[&[u8]]) -> bool {
    let Some(number) = params.first() else {
        return false;
    };
    let length: usize = params.iter().map(|param| param.len() + 1).sum();
    let is_text = |bytes: &&[u8]| {
        std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(char::is_control))
    };
    if length > LONGEST_COMMAND || !params.iter().all(is_text) {
        return false;
    }
    match *number {
        b"0" | b"1" | b"2" | b"7" | b"8" | b"104" | b"105" | b"133" => true,
        b"4" | b"5" | b"10" | b"11" | b"12" | b"13" | b"14" | b"15" | b"16" | b"17" | b"18"
        | b"19" | b"22" => {
            !params.contains(&&b"?"[..]) && !params[1..].iter().any(|param| param.starts_with(b"?"))
        }
        [b'1', b'1', digit] => digit.is_ascii_digit(),
        _ => false,
    }
}
