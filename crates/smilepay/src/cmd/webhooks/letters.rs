//! Deliveries that were given up.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};
use service::ports::{Clock as _, SystemClock};
use store::{Store, StoreOptions, dead_deliveries_in};

use super::Place;
use super::api::Shop;
use crate::boot::{BootError, audit_keys};
use crate::terminal::say;

pub async fn dead(place: &Place, json: bool) -> Result<ExitCode, BootError> {
    let rows = match &place.server {
        Some(server) => {
            let path = "/v1/webhook_deliveries?status=dead&limit=100";
            let found = Shop::new(server)?.ask(Method::GET, path, &Value::Null).await?;
            found.get("data").cloned().unwrap_or_default()
        }
        None => {
            let location = place.data.database()?;
            let found = tokio::task::spawn_blocking(move || dead_deliveries_in(&location)).await;
            json!(found.map_err(|e| BootError::Answered(e.to_string()))??)
        }
    };
    if json {
        say(rows);
        return Ok(ExitCode::SUCCESS);
    }
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    for row in rows {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
        let kind = row.get("type").or_else(|| row.get("kind")).and_then(Value::as_str).unwrap_or("-");
        let tries = row.get("attempts").and_then(Value::as_u64).unwrap_or(0);
        say(format_args!("{}  {kind}  {}  {tries} tries: {}", text("event"), text("url"), text("last_error")));
    }
    say(format_args!("{} given up", rows.len()));
    Ok(ExitCode::SUCCESS)
}

pub async fn replay(place: &Place, event: Option<&str>) -> Result<ExitCode, BootError> {
    let count = match (&place.server, event) {
        (Some(server), event) => {
            let path = match event {
                Some(event) => format!("/v1/events/{event}/replay"),
                None => "/v1/webhook_deliveries/replay".to_owned(),
            };
            let said = Shop::new(server)?.ask(Method::POST, &path, &json!({})).await?;
            said.get("replayed").and_then(Value::as_u64).unwrap_or(0)
        }
        (None, _) => {
            let (location, keys) = (place.data.database()?, audit_keys(&place.data)?);
            let opening = tokio::task::spawn_blocking(move || Store::open_in(&location, keys, StoreOptions::default()));
            let store = opening.await.map_err(|e| BootError::Answered(e.to_string()))??;
            u64::from(store.replay_dead(None, None, SystemClock.now()).await?)
        }
    };
    say(format_args!("{count} on their way again"));
    Ok(ExitCode::SUCCESS)
}
