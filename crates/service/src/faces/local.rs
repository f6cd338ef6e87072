//! Our own networks as a [`Recogniser`], on the frame workers.

use std::sync::Arc;

use decide::faces::PictureReading;
use face::{DecodeLimits, Detection, Embedding, FaceError, Picture, Quality, Template};
use vault::Features;

use super::recogniser::{Look, LookError, Recogniser, Seen, SeenFace};
use crate::capture::{Analyze, Workers};
use crate::error::Error;
use crate::limits::{PICTURE_BYTES, PICTURE_PIXELS, PICTURE_SIDE, SECOND_FACE_SHARE};

pub(crate) struct LocalRecogniser {
    workers: Arc<Workers<dyn Analyze>>,
}

impl LocalRecogniser {
    pub(crate) const fn new(workers: Arc<Workers<dyn Analyze>>) -> Self {
        Self { workers }
    }
}

impl Recogniser for LocalRecogniser {
    fn look(&self, picture: Vec<u8>) -> Look<'_, Seen> {
        Box::pin(async move {
            let job = move |analyzer: &mut (dyn Analyze + 'static)| look(&picture, analyzer).map(|(seen, _)| seen);
            self.workers.run(job).await.map_err(|e| busy(&e))?
        })
    }

    fn features(&self, pictures: Vec<Vec<u8>>) -> Look<'_, (Option<Features>, Vec<Seen>)> {
        Box::pin(async move {
            let (mut views, mut all) = (Vec::new(), Vec::new());
            // One job a picture, so that captures get their turns in between.
            for picture in pictures {
                let job = move |analyzer: &mut (dyn Analyze + 'static)| view(&picture, analyzer);
                let (seen, view) = self.workers.run(job).await.map_err(|e| busy(&e))??;
                all.push(seen);
                views.extend(view);
            }
            let joined = if views.is_empty() { None } else { Some(join(&views)?) };
            Ok((joined, all))
        })
    }
}

fn busy(error: &Error) -> LookError {
    match error {
        Error::Busy => LookError::Busy,
        other => LookError::Failed(other.to_string()),
    }
}

fn failed(error: FaceError) -> LookError {
    LookError::Failed(error.to_string())
}

const LIMITS: DecodeLimits =
    DecodeLimits { max_bytes: PICTURE_BYTES, max_pixels: PICTURE_PIXELS, max_side: PICTURE_SIDE };

/// A picture and its main face.
type Main = (Picture, Detection, Quality);

/// What is in the picture, and the picture itself with its main face.
fn look(bytes: &[u8], analyzer: &mut dyn Analyze) -> Result<(Seen, Option<Main>), LookError> {
    let picture = Picture::decode(bytes, &LIMITS).map_err(|e| LookError::Picture(e.to_string()))?;
    let mut found = analyzer.detect(&picture).map_err(failed)?;
    // The largest face is the one the picture is about.
    found.sort_by(|a, b| b.bbox.area().total_cmp(&a.bbox.area()));
    let largest = found.first().map_or(0.0, |d| d.bbox.w);
    let faces = found.iter().filter(|d| d.bbox.w >= largest * SECOND_FACE_SHARE).count();
    let measured: Vec<Quality> = found.iter().map(|d| analyzer.quality(&picture, d, None)).collect();
    let seen_face = |(d, q): (&Detection, &Quality)| SeenFace { bbox: d.bbox, reading: reading(faces, q) };
    let seen = Seen {
        width: picture.width(),
        height: picture.height(),
        faces: found.iter().zip(&measured).map(seen_face).collect(),
    };
    let main = found.first().copied().zip(measured.first().copied());
    Ok((seen, main.map(|(face, quality)| (picture, face, quality))))
}

type View = (Embedding, f32);

fn view(bytes: &[u8], analyzer: &mut dyn Analyze) -> Result<(Seen, Option<View>), LookError> {
    let (seen, main) = look(bytes, analyzer)?;
    let Some((picture, face, quality)) = main else { return Ok((seen, None)) };
    match analyzer.embed(&picture, &face.points) {
        Ok(embedding) => Ok((seen, Some((embedding, quality.weight())))),
        Err(FaceError::DegeneratePoints | FaceError::NoVector) => Ok((seen, None)),
        Err(e) => Err(failed(e)),
    }
}

const fn reading(faces: usize, q: &Quality) -> PictureReading {
    PictureReading {
        faces,
        face_px: q.face_px,
        sharpness: q.sharpness,
        brightness: q.brightness,
        nose_offset: q.nose_offset,
    }
}

fn join(views: &[View]) -> Result<Features, LookError> {
    let template = Template::from_views(views).map_err(failed)?;
    let values = template.expose_values().to_vec();
    Features::new(values, template.views(), 0.0, template.model()).map_err(|e| LookError::Failed(e.to_string()))
}
