use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use face::{Analyzer, DecodeLimits, Detection, Embedding, FaceError, Picture, Point};

use crate::Vectors;
use crate::error::EvaluateError;
use crate::limits::MAX_THREADS;

/// Faces smaller than this share of the largest one are bystanders.
const BYSTANDER: f32 = 0.5;

/// What is kept of a picture.
pub(crate) struct Extracted {
    pub(crate) embedding: Embedding,
    /// Weight in a template, from its quality as in a payment.
    pub(crate) weight: f32,
}

/// Vectors of all pictures, in the order of `images`; `None` for a failure to acquire.
pub(crate) fn all(
    folder: &Path,
    images: &[String],
    models: &face::Models,
    threads: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vectors, EvaluateError> {
    let mut vectors: Vectors = images.iter().map(|_| None).collect();
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, MAX_THREADS) {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || work(folder, images, models, next, &send));
        }
        drop(send);
        for done in 1..=images.len() {
            let (index, result) = receive.recv().map_err(|_| EvaluateError::Worker)??;
            if let Some(slot) = vectors.get_mut(index) {
                *slot = result;
            }
            progress(done, images.len());
        }
        Ok(vectors)
    })
}

type Answer = Result<(usize, Option<Extracted>), EvaluateError>;

fn work(folder: &Path, images: &[String], models: &face::Models, next: &AtomicUsize, send: &mpsc::Sender<Answer>) {
    let mut analyzer = match models.analyzer() {
        Ok(analyzer) => analyzer,
        Err(e) => return drop(send.send(Err(e.into()))),
    };
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(name) = images.get(index) else { return };
        let answer = one(&mut analyzer, &folder.join(name)).map(|e| (index, e)).map_err(EvaluateError::from);
        // Nobody listens any more: another worker failed.
        if send.send(answer).is_err() {
            return;
        }
    }
}

fn one(analyzer: &mut Analyzer, path: &Path) -> Result<Option<Extracted>, FaceError> {
    let Some(picture) = load(path) else { return Ok(None) };
    let found = analyzer.detect(&picture)?;
    let Some(face) = central_face(&found, picture.width(), picture.height()) else { return Ok(None) };
    match analyzer.embed(&picture, &face.points) {
        Ok(embedding) => {
            let weight = face::quality(&picture, face, None).weight();
            Ok(Some(Extracted { embedding, weight }))
        }
        Err(FaceError::DegeneratePoints | FaceError::NoVector) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The decoded file; a missing, unreadable or bad one is `None`.
pub(crate) fn load(path: &Path) -> Option<Picture> {
    let bytes = read_bounded(path)?;
    Picture::decode(&bytes, &DecodeLimits::file()).ok()
}

/// The file's bytes when it is not larger than a picture may be.
pub(crate) fn read_bounded(path: &Path) -> Option<Vec<u8>> {
    let size = std::fs::metadata(path).ok()?.len();
    let allowed = usize::try_from(size).is_ok_and(|n| n <= DecodeLimits::file().max_bytes);
    if allowed { std::fs::read(path).ok() } else { None }
}

/// The most central one of the large faces.
pub fn central_face(found: &[Detection], width: u32, height: u32) -> Option<&Detection> {
    #[expect(clippy::cast_precision_loss, reason = "picture sizes below 2^24")]
    let middle = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let largest = found.iter().map(|d| d.bbox.side()).fold(0.0, f32::max);
    let large = found.iter().filter(|d| d.bbox.side() >= BYSTANDER * largest);
    large.min_by(|a, b| a.bbox.center().distance(middle).total_cmp(&b.bbox.center().distance(middle)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use face::{FaceBox, FivePoints};

    fn face(x: f32, y: f32, side: f32) -> Detection {
        let bbox = FaceBox { x, y, w: side, h: side, score: 0.9 };
        Detection { bbox, points: FivePoints([Point::new(x, y); 5]) }
    }

    #[test]
    fn takes_the_central_one_of_the_large_faces() {
        let small_in_the_middle = face(95.0, 95.0, 10.0);
        let large_left = face(10.0, 60.0, 60.0);
        let large_central = face(80.0, 60.0, 55.0);
        let found = [large_left, small_in_the_middle, large_central];
        assert_eq!(central_face(&found, 200, 200), Some(&large_central));
        assert_eq!(central_face(&[], 200, 200), None);
    }
}
