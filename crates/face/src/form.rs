//! What a network wants and gives, so that another one can take its place: how pixels go in, what comes out under which name.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crate::align::{ARCFACE_TEMPLATE, Similarity};
use crate::embedding::EMBEDDING_LEN;
use crate::geometry::Point;
use crate::models::{MODEL_ID, ModelPaths};
use crate::picture::Picture;
use crate::warp::warp_square;

/// Id of a recogniser with its alignment; goes into every vector and template. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId(Arc<str>);

static SHIPPED: LazyLock<ModelId> = LazyLock::new(|| ModelId::new(MODEL_ID));

impl ModelId {
    pub fn new(id: &str) -> Self {
        Self(Arc::from(id))
    }

    /// [`MODEL_ID`].
    pub fn shipped() -> Self {
        SHIPPED.clone()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the colours of one pixel lie in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// 1×3×H×W: one plane after the other.
    Planes,
    /// 1×H×W×3: side by side.
    Packed,
}

/// Which colour comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelOrder {
    Rgb,
    Bgr,
}

/// How pixels of 0..=255 become input values: `(value − mean) / deviation`, each by the network's own channel order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    pub order: ChannelOrder,
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
}

impl Colours {
    /// 0..=255 as they are.
    pub const fn plain(order: ChannelOrder) -> Self {
        Self { order, mean: [0.0; 3], deviation: [1.0; 3] }
    }

    /// The network's three values of one pixel.
    pub(crate) fn of(&self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = match self.order {
            ChannelOrder::Rgb => [r, g, b],
            ChannelOrder::Bgr => [b, g, r],
        };
        let ([m0, m1, m2], [d0, d1, d2]) = (self.mean, self.deviation);
        [(x - m0) / d0, (y - m1) / d1, (z - m2) / d2]
    }

    /// Whether pixels go in unchanged but for their order.
    pub(crate) fn is_plain(&self) -> bool {
        self.mean == [0.0; 3] && self.deviation == [1.0; 3]
    }
}

/// A square crop as a network wants it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Side in pixels, 16..=512.
    pub size: u32,
    pub layout: Layout,
    pub colours: Colours,
}

impl Crop {
    pub(crate) fn shape(&self) -> [usize; 4] {
        let side = self.size as usize;
        match self.layout {
            Layout::Planes => [1, 3, side, side],
            Layout::Packed => [1, side, side, 3],
        }
    }

    /// Its side as a length.
    #[expect(clippy::cast_precision_loss, reason = "a side below 2^24")]
    pub const fn size_f(&self) -> f32 {
        self.size as f32
    }

    /// Writes the crop into a network's input; `to_picture` maps its pixels onto the picture's.
    pub(crate) fn fill(&self, input: &mut [f32], picture: &Picture, to_picture: &Similarity, mirrored: bool) {
        let side = self.size as usize;
        let place = |i: usize| if mirrored { i / side * side + (side - 1 - i % side) } else { i };
        match self.layout {
            Layout::Planes => {
                let plane = side * side;
                let (first, rest) = input.split_at_mut(plane.min(input.len()));
                let (second, third) = rest.split_at_mut(plane.min(rest.len()));
                warp_square(picture, to_picture, self.size, |i, rgb| {
                    let (i, [x, y, z]) = (place(i), self.colours.of(rgb));
                    for (values, value) in [(&mut *first, x), (&mut *second, y), (&mut *third, z)] {
                        if let Some(pixel) = values.get_mut(i) {
                            *pixel = value;
                        }
                    }
                });
            }
            Layout::Packed => {
                let (pixels, _) = input.as_chunks_mut::<3>();
                warp_square(picture, to_picture, self.size, |i, rgb| {
                    if let Some(pixel) = pixels.get_mut(place(i)) {
                        *pixel = self.colours.of(rgb);
                    }
                });
            }
        }
    }
}

/// One input of the name that its file gives, one output of interest.
#[derive(Clone, Debug)]
pub struct Network<F> {
    pub path: PathBuf,
    pub form: F,
}

/// A recogniser: an aligned crop in, one vector out.
#[derive(Clone, Debug, PartialEq)]
pub struct RecogniserForm {
    pub id: ModelId,
    pub crop: Crop,
    /// Where the five points go in the crop.
    pub template: [Point; 5],
    /// Name of the output.
    pub output: String,
    /// Values of a vector, [`crate::limits::MIN_VECTOR`]`..=`[`crate::limits::MAX_VECTOR`].
    pub length: usize,
    /// The network itself gives vectors of unit length; then others are refused. Else they are scaled here.
    pub unit: bool,
    /// Average with the mirror image's vector (a second run).
    pub mirror: bool,
}

/// A detector of YuNet's kind: three grids of cells, each with class, objectness, box and five points.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorForm {
    pub colours: Colours,
    /// Pixels per cell, and the names of class, objectness, box and points.
    pub levels: [(usize, [String; 4]); 3],
}

/// 468 landmarks of a face mesh.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkForm {
    pub crop: Crop,
    pub output: String,
    /// The crop is this much larger than the detector's box.
    pub margin: f32,
}

/// An expression classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpressionForm {
    pub crop: Crop,
    pub output: String,
    /// How many classes there are, and which one is happy.
    pub classes: usize,
    pub happy: usize,
}

/// Everything an [`crate::Analyzer`] runs.
#[derive(Clone, Debug)]
pub struct Networks {
    pub detector: Network<DetectorForm>,
    pub recogniser: Network<RecogniserForm>,
    /// Recognisers that templates are still of: they judge these until their payers are enrolled under the first one.
    pub former: Vec<Network<RecogniserForm>>,
    pub landmarks: Network<LandmarkForm>,
    pub expression: Network<ExpressionForm>,
}

impl Networks {
    /// The networks that ship.
    pub fn shipped(paths: &ModelPaths) -> Self {
        Self {
            detector: Network { path: paths.detector.clone(), form: DetectorForm::yunet() },
            recogniser: Network { path: paths.recogniser.clone(), form: RecogniserForm::sface() },
            former: Vec::new(),
            landmarks: Network { path: paths.landmarks.clone(), form: LandmarkForm::mediapipe() },
            expression: Network { path: paths.expression.clone(), form: ExpressionForm::faceapi() },
        }
    }
}

impl RecogniserForm {
    /// SFace 2021-12: R, G, B in 0..=255 (B, G, R silently gives other vectors), aligned to the ArcFace template.
    pub fn sface() -> Self {
        Self {
            id: ModelId::shipped(),
            crop: Crop { size: 112, layout: Layout::Planes, colours: Colours::plain(ChannelOrder::Rgb) },
            template: ARCFACE_TEMPLATE,
            output: "fc1".to_owned(),
            length: EMBEDDING_LEN,
            unit: false,
            mirror: true,
        }
    }
}

impl DetectorForm {
    /// YuNet 2023-03: B, G, R in 0..=255.
    pub fn yunet() -> Self {
        let level = |stride: usize| (stride, ["cls", "obj", "bbox", "kps"].map(|name| format!("{name}_{stride}")));
        Self { colours: Colours::plain(ChannelOrder::Bgr), levels: [8, 16, 32].map(level) }
    }
}

impl LandmarkForm {
    /// MediaPipe's face mesh: R, G, B in 0..=1.
    pub fn mediapipe() -> Self {
        let colours = Colours { order: ChannelOrder::Rgb, mean: [0.0; 3], deviation: [255.0; 3] };
        Self {
            crop: Crop { size: 192, layout: Layout::Packed, colours },
            output: "conv2d_20".to_owned(),
            // The margin that the network was trained with.
            margin: 1.5,
        }
    }
}

impl ExpressionForm {
    /// face-api's: neutral, happy, sad, angry, fearful, disgusted, surprised.
    pub fn faceapi() -> Self {
        Self {
            crop: Crop { size: 112, layout: Layout::Planes, colours: Colours::plain(ChannelOrder::Rgb) },
            output: "prob".to_owned(),
            classes: 7,
            happy: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_ordered_then_scaled() {
        let colours = Colours { order: ChannelOrder::Bgr, mean: [1.0, 2.0, 3.0], deviation: [2.0, 4.0, 8.0] };
        assert_eq!(colours.of([11.0, 22.0, 33.0]), [16.0, 5.0, 1.0]);
        assert!(!colours.is_plain() && Colours::plain(ChannelOrder::Rgb).is_plain());
    }

    #[test]
    fn a_mirrored_crop_swaps_left_and_right_in_both_layouts() {
        let (w, h) = (16_u32, 16_u32);
        let rgb: Vec<u8> = (0..w * h * 3).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let picture = Picture::from_rgb(w, h, rgb).unwrap();
        let same = Similarity::crop_to_picture(Point::new(8.0, 8.0), 16.0, 0.0, 16.0);
        let side = 16_usize;
        for layout in [Layout::Planes, Layout::Packed] {
            let crop = Crop { size: 16, layout, colours: Colours::plain(ChannelOrder::Rgb) };
            let (mut plain, mut mirrored) = (vec![0.0; 3 * side * side], vec![0.0; 3 * side * side]);
            crop.fill(&mut plain, &picture, &same, false);
            crop.fill(&mut mirrored, &picture, &same, true);
            let at = |x: usize, y: usize, c: usize| match layout {
                Layout::Planes => c * side * side + y * side + x,
                Layout::Packed => (y * side + x) * 3 + c,
            };
            assert!(plain.iter().any(|v| *v > 0.0));
            for (x, y, c) in [(0, 0, 0), (3, 7, 1), (15, 15, 2)] {
                assert_eq!(plain[at(x, y, c)], mirrored[at(side - 1 - x, y, c)]);
            }
        }
    }
}
