//! From pictures to face features: decode, detect, landmarks, expression, quality, align, embed, compare.
//!
//! Walkthrough: [`Picture::decode`] turns bytes from a stranger into bounded RGB pixels; an [`Analyzer`] (one per worker
//! thread, made by [`Models::analyzer`]) finds faces in it, maps 468 landmarks, judges the expression and makes an
//! [`Embedding`]; [`quality`] says how usable the view is; [`Template::from_views`] joins several views of one person.
//!
//! Coordinates are picture pixels with the origin at the top left. "Left" and "right" in names of points mean *as seen in
//! the picture*. Nothing here decides: thresholds that accept or deny live in `decide`.

mod align;
mod analyzer;
mod colour;
mod decode;
mod detector;
mod embedding;
mod error;
mod expression;
mod form;
mod geometry;
mod jpeg;
mod landmarks;
pub mod limits;
mod models;
mod nms;
mod orient;
mod passive;
mod picture;
mod quality;
mod recogniser;
mod shrink;
mod template;
mod warp;

pub use align::{ARCFACE_TEMPLATE, Similarity};
pub use analyzer::Analyzer;
pub use colour::{FaceColour, face_colour};
pub use decode::DecodeLimits;
pub use embedding::{EMBEDDING_LEN, Embedding, Score};
pub use error::{DecodeError, FaceError};
pub use form::{
    ChannelOrder, Colours, Crop, DetectorForm, ExpressionForm, LandmarkForm, Layout, ModelId, Network, Networks,
    RecogniserForm,
};
pub use geometry::{Detection, FaceBox, FivePoints, Point};
pub use landmarks::{MESH_LEN, Mesh};
pub use models::{MODEL_ID, ModelPaths, Models};
pub use passive::PassiveNetwork;
pub use picture::{Luma, Picture};
pub use quality::{Quality, quality};
pub use template::Template;
