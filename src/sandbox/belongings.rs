//! The volumes that are a workspace's own and go with its sandboxes, when somebody asks for it.

use super::Existing;
use crate::labels::Kind;
use crate::volumes::Volume;

/// Leaves those of `volumes` that nobody needs once the sandboxes `gone` are removed from `all`
/// there are: homes and the data of engines inside that they mount, and with the last sandbox of a
/// workspace whatever else of that it has. Logins are the person's, and stay.
pub fn retain(volumes: &mut Vec<Volume>, gone: &[Existing], all: &[Existing]) {
    let is_its = |sandbox: &Existing, id: &str| {
        let mut engine = sandbox.engine.iter();
        sandbox.id == id || engine.any(|engine| engine.id == id)
    };
    let is_gone = |id: &str| gone.iter().any(|sandbox| is_its(sandbox, id));
    let has_sandbox = |volume: &Volume, sandboxes: &[&Existing]| {
        let is_its =
            |sandbox: &&Existing| Some(&sandbox.workspace_id) == volume.workspace_id.as_ref();
        sandboxes.iter().any(is_its)
    };
    let (gone, left): (Vec<&Existing>, Vec<&Existing>) =
        all.iter().partition(|sandbox| is_gone(&sandbox.id));
    volumes.retain(|volume| {
        let is_own = volume.is(Kind::Home) || volume.is(Kind::Engine);
        let is_abandoned = has_sandbox(volume, &gone) && !has_sandbox(volume, &left);
        let mut users = volume.used_by.iter();
        is_own && users.all(|user| is_gone(&user.container)) && (volume.is_used() || is_abandoned)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::containers::ContainerRow;
    use crate::labels;
    use crate::volumes::User;

    fn sandbox(name: &str, workspace: &str) -> Existing {
        let mut labels = labels::of(Kind::Sandbox);
        labels.insert(labels::WORKSPACE_ID.into(), workspace.into());
        let row = ContainerRow {
            id: name.into(),
            name: format!("dp-{name}"),
            labels,
            mounts: vec![crate::volumes::ownership::guest_mount()],
            ..ContainerRow::default()
        };
        Existing::of(row).expect("a sandbox")
    }

    fn volume(name: &str, kind: Kind, workspace: Option<&str>, users: &[&str]) -> Volume {
        let user = |container: &&str| User {
            name: container.to_string(),
            container: container.to_string(),
            state: "exited".into(),
        };
        Volume {
            name: name.into(),
            kind: kind.as_str().into(),
            workspace_id: workspace.map(str::to_string),
            used_by: users.iter().map(user).collect(),
            ..Volume::default()
        }
    }

    #[test]
    fn what_goes_with_sandboxes() {
        let all = [sandbox("a", "w"), sandbox("b", "w"), sandbox("c", "x")];
        let volumes = [
            volume("home", Kind::Home, Some("w"), &["a", "b"]),
            volume("engine-a", Kind::Engine, Some("w"), &["a"]),
            volume("engine-old", Kind::Engine, Some("w"), &[]),
            volume("home-x", Kind::Home, Some("x"), &["c"]),
            volume("home-y", Kind::Home, Some("y"), &[]),
            volume("home-none", Kind::Home, None, &[]),
            volume("borrowed", Kind::Home, Some("x"), &["c", "foreign"]),
            volume("login", Kind::Login, None, &["a"]),
            volume("checkout", Kind::Workspace, Some("x"), &["c"]),
            volume("guest", Kind::Guest, None, &["a", "b", "c"]),
        ];
        let [a, b, c] = [&all[0], &all[1], &all[2]];
        let table: [(&[&Existing], &[&str]); 4] = [
            (&[], &[]),
            (&[a], &["engine-a"]),
            (&[a, b], &["home", "engine-a", "engine-old"]),
            (&[b, c], &["home-x"]),
        ];
        for (gone, expected) in table {
            let gone: Vec<Existing> = gone.iter().copied().cloned().collect();
            let mut found = volumes.to_vec();
            retain(&mut found, &gone, &all);
            let names: Vec<&str> = found.iter().map(|volume| volume.name.as_str()).collect();
            assert_eq!(names, expected);
        }
    }
}
