//! Events.

use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened, as it is delivered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    pub id: String,
    /// Such as `payment_intent.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    pub created_at: String,
    pub data: EventData,
}

/// What it happened to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventData {
    /// The object as it stood then.
    #[schema(value_type = Object)]
    pub object: serde_json::Value,
}
