//! Following face corners from frame to frame, and asking whether one plane explains where they went.
//!
//! Own pixels only: no landmark network has a say here, for such networks imagine a 3-D face on a flat picture.

mod corners;
mod flow;
mod gray;
mod homography;

pub(crate) use corners::{Ellipse, corners};
pub(crate) use flow::follow;
pub(crate) use gray::{Gray, Pyramid};
pub use homography::plane_share;

/// A position in pixels of the tracked picture, pixel centres at whole numbers.
pub type Spot = [f32; 2];

#[cfg(test)]
mod tests;
