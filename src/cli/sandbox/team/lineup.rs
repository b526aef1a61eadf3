//! Who of a team has the terminal, who shares it, and who works in the background.

use super::Mode;
use super::gather::Player;

/// The players, sorted.
pub(super) struct Lineup {
    /// Started first, and left alone.
    pub(super) background: Vec<Player>,
    /// On the terminal: one has it to itself, several share it line by line.
    pub(super) stage: Vec<Player>,
}

impl Lineup {
    /// The only root agent has the terminal; with several roots all are heard. Whoever was named is
    /// heard. What needs a terminal of its own cannot share one, and is left to be attached to.
    pub(super) fn of(
        mut players: Vec<Player>,
        is_named: bool,
        mode: Mode,
        arguments: &[String],
    ) -> Self {
        for player in &mut players {
            player.member.argv.extend(arguments.iter().cloned());
            player.has_arguments = !arguments.is_empty();
        }
        if mode == Mode::Absent {
            players.clear();
        }
        if !matches!(mode, Mode::Attached(_)) {
            return Self {
                background: players,
                stage: Vec::new(),
            };
        }
        let roots = players
            .iter()
            .filter(|player| player.member.is_root)
            .count();
        let has_one_root = roots == 1 && !is_named;
        let alone = players.len() == 1;
        let is_heard = |player: &Player| {
            let may_share = !player.member.is_interactive;
            alone || (has_one_root && player.member.is_root) || (!has_one_root && may_share)
        };
        let (stage, background) = players.into_iter().partition(is_heard);
        Self { background, stage }
    }
}
