//! What things cost on disk, and when they were used: what engines tell only when asked for it.

use super::{Engine, EngineError};
use bollard::Docker;
use bollard::query_parameters::InspectContainerOptions;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Volumes alone from API 1.42, in the form of API 1.52; older engines know neither and tell all.
const USAGE: &str = "/system/df?type=volume&verbose=true";
const POLL: Duration = Duration::from_millis(100);

/// The part of the answer that is about volumes: `Volumes` up to API 1.51, then `VolumeUsage`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    volumes: Option<Vec<Item>>,
    volume_usage: Option<Items>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Items {
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    name: String,
    usage_data: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    /// -1 when the volume's driver does not tell.
    size: i64,
}

impl Engine {
    /// The bytes that each volume takes, by name; a volume whose driver does not tell is left out.
    /// The engine walks through all volumes for it, which may take minutes: bound it. Engine 20.10
    /// does so for one client at a time; the others wait here.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>, EngineError> {
        let docker = directed_to(&self.docker, USAGE);
        loop {
            match self.call(docker.ping()).await {
                Ok(text) => return sizes(&text),
                Err(EngineError::Refused { message, .. })
                    if message.contains("already running") =>
                {
                    tokio::time::sleep(POLL).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// When the main process of a container began or ended for the last time; `None` when it never
    /// ran.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn last_ran(&self, container: &str) -> Result<Option<Timestamp>, EngineError> {
        let asked = self
            .call(
                self.docker
                    .inspect_container(container, None::<InspectContainerOptions>),
            )
            .await;
        let state = asked?.state.unwrap_or_default();
        let times = [state.started_at, state.finished_at].into_iter().flatten();
        let times = times.filter_map(|time| time.parse::<Timestamp>().ok());
        // What never was is in the year 1.
        Ok(times.filter(|time| time.as_second() > 0).max())
    }
}

/// A client whose ping asks something else: the ping is the one call of the library that hands over
/// whatever the engine answers, and the library's own type for this call reads API 1.52 only.
fn directed_to(docker: &Docker, target: &'static str) -> Docker {
    docker.clone().with_request_modifier(move |mut request| {
        let address = request.uri().to_string();
        let base = address.strip_suffix("/_ping");
        if let Some(Ok(uri)) = base.map(|base| format!("{base}{target}").parse()) {
            *request.uri_mut() = uri;
        }
        request
    })
}

fn sizes(text: &str) -> Result<BTreeMap<String, u64>, EngineError> {
    let usage: Usage = serde_json::from_str(text).map_err(|error| EngineError::Refused {
        status: 200,
        message: format!("its answer about the disk makes no sense: {error}"),
    })?;
    let newer = usage.volume_usage.and_then(|usage| usage.items);
    let items = usage.volumes.or(newer).unwrap_or_default();
    let known = items.into_iter().filter_map(|item| {
        let size = u64::try_from(item.usage_data?.size).ok()?;
        Some((item.name, size))
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_all_generations_are_read() {
        let items = r#"[{"Name":"a","UsageData":{"Size":12,"RefCount":0},"Labels":null},
            {"Name":"b","UsageData":{"Size":-1,"RefCount":0}}, {"Name":"c"},
            {"Name":"d","UsageData":{"Size":0,"RefCount":1}}]"#;
        let expected = BTreeMap::from([("a".to_string(), 12), ("d".to_string(), 0)]);
        for text in [
            format!(r#"{{"LayersSize":1,"Images":[],"Volumes":{items}}}"#),
            format!(r#"{{"VolumeUsage":{{"TotalCount":4,"Items":{items}}}}}"#),
            format!(r#"{{"Volumes":null,"VolumeUsage":{{"Items":{items}}}}}"#),
        ] {
            assert_eq!(sizes(&text).expect("sizes"), expected, "{text}");
        }
        for text in [r#"{"Volumes":null}"#, r#"{"VolumeUsage":{}}"#, "{}"] {
            assert_eq!(sizes(text).expect("sizes"), BTreeMap::new(), "{text}");
        }
        for text in ["", "OK", r#"{"Volumes":[{}]}"#] {
            assert!(sizes(text).is_err(), "{text}");
        }
    }
}
