//! Volumes that are held to a size: where the engine's disk has project quotas they are, and where
//! it has none that is said, and nothing is left.

use crate::support::{Dp, on_engine};
use dp::engine::containers::NewMount;
use dp::engine::{Engine, EngineError};
use dp::labels::{self, Kind};
use dp::values::Memory;
use dp::volumes::{ClaimError, claim};
use std::collections::BTreeMap;

/// The home of a test as a container would mount it.
fn home(dp: &Dp, size: Option<Memory>) -> NewMount {
    let (key, value) = dp.label().split_once('=').expect("key and value");
    let own = BTreeMap::from([(key.to_string(), value.to_string())]);
    NewMount::Volume {
        name: format!("dp-home-{}", value.replace(':', "-")),
        target: "/root".into(),
        read_only: false,
        labels: labels::of(Kind::Home).into_iter().chain(own).collect(),
        size,
    }
}

fn size(text: &str) -> Memory {
    text.parse().expect("a size")
}

async fn size_of(engine: &Engine, mount: &NewMount) -> Result<Option<Memory>, EngineError> {
    let NewMount::Volume { name, .. } = mount else {
        panic!("it is a volume");
    };
    engine.volume(name).await.map(|volume| volume.size)
}

#[test]
fn a_size_is_kept_to_or_refused_before_there_is_anything() {
    let dp = Dp::on_engine();
    let asked = home(&dp, Some(size("64m")));
    on_engine(async |engine| {
        let claimed = claim(engine, std::slice::from_ref(&asked)).await;
        let made = size_of(engine, &asked).await;
        match claimed {
            Ok(()) => {
                assert_eq!(made.expect("it was made"), Some(size("64m")));
                let again = claim(engine, std::slice::from_ref(&asked)).await;
                again.expect("the same size again");
                let other = claim(engine, &[home(&dp, Some(size("65m")))]).await;
                assert!(matches!(other, Err(ClaimError::Size { .. })), "{other:?}");
                let any = claim(engine, &[home(&dp, None)]).await;
                any.expect("nobody asks for a size");
            }
            Err(ClaimError::Quota { reason, .. }) => {
                assert!(reason.contains("no quota support"), "{reason}");
                assert!(made.is_err_and(|error| error.is_not_found()));
            }
            Err(other) => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_volume_without_a_size_is_not_taken_for_one_with_it() {
    let dp = Dp::on_engine();
    let asked = home(&dp, Some(size("64m")));
    on_engine(async |engine| {
        let NewMount::Volume { name, labels, .. } = &asked else {
            panic!("it is a volume");
        };
        let made = engine.create_volume(name, labels).await.expect("a volume");
        assert_eq!(made.size, None);
        let claimed = claim(engine, std::slice::from_ref(&asked)).await;
        assert!(
            matches!(claimed, Err(ClaimError::Size { has: None, .. })),
            "{claimed:?}"
        );
        let any = claim(engine, &[home(&dp, None)]).await;
        any.expect("nobody asks for a size");
        engine.remove_volume(name).await.expect("it is free");
    });
}
