//! A template as bytes: `KF`, layout, kind, number of photos; for each photo its features (number; for each four f32 and its
//! descriptor) and, of pets, an embedding (f32). Little-endian.

use zeroize::Zeroizing;

use crate::features::{Features, Spot};
use crate::limits::{MAX_FEATURES, MAX_PHOTOS, MAX_TEMPLATE_BYTES, MIN_PHOTOS};
use crate::pet::{self, Embedding};
use crate::seen::{Kind, Object};
use crate::template::ObjectTemplate;
use crate::{sift, xfeat};

const HEAD: [u8; 3] = [b'K', b'F', 1];
/// Largest coordinate: what a picture's decoder lets through, with room for a frame that leaves it.
const MOST_PIXELS: f32 = 1e5;

pub(crate) fn write(template: &ObjectTemplate) -> Zeroizing<Vec<u8>> {
    // Room for all, so that growing leaves no copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(MAX_TEMPLATE_BYTES));
    out.extend(HEAD);
    out.push(match template.kind() {
        Kind::Tattoo => 0,
        Kind::Pet => 1,
    });
    out.push(u8::try_from(template.photos()).unwrap_or(u8::MAX));
    for object in template.objects() {
        write_features(&object.features, &mut out);
        let embedding = object.embedding.as_ref().map_or(&[][..], Embedding::values);
        for value in embedding {
            out.extend(value.to_le_bytes());
        }
    }
    out
}

fn write_features(features: &Features, out: &mut Vec<u8>) {
    out.extend(u16::try_from(features.len()).unwrap_or(u16::MAX).to_le_bytes());
    for (spot, descriptor) in features.spots().iter().zip(features.values().chunks_exact(features.dims())) {
        for value in [spot.x, spot.y, spot.size, spot.angle] {
            out.extend(value.to_le_bytes());
        }
        out.extend(descriptor.iter().map(|v| v.cast_unsigned()));
    }
}

pub(crate) fn read(bytes: &[u8]) -> Option<ObjectTemplate> {
    if bytes.len() > MAX_TEMPLATE_BYTES {
        return None;
    }
    let mut r = Reader { rest: bytes.strip_prefix(&HEAD)? };
    let kind = match r.take()? {
        [0] => Kind::Tattoo,
        [1] => Kind::Pet,
        _ => return None,
    };
    let [photos] = r.take()?;
    if !(MIN_PHOTOS..=MAX_PHOTOS).contains(&photos.into()) {
        return None;
    }
    let photos = (0..photos).map(|_| r.object(kind)).collect::<Option<Vec<_>>>()?;
    r.rest.is_empty().then(|| ObjectTemplate::from_objects(kind, photos))
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take()?)).filter(|v| v.is_finite())
    }

    fn features<const DIMS: usize>(&mut self) -> Option<Features> {
        let count = usize::from(u16::from_le_bytes(self.take()?));
        if count > MAX_FEATURES {
            return None;
        }
        let mut features = Features::new(DIMS);
        for _ in 0..count {
            let [x, y] = [self.number()?, self.number()?];
            let [size, angle] = [self.number()?, self.number()?];
            let inside = x.abs() < MOST_PIXELS && y.abs() < MOST_PIXELS && size > 0.0 && size < MOST_PIXELS;
            if !inside || angle.abs() > 10.0 {
                return None;
            }
            let descriptor = self.take::<DIMS>()?.map(u8::cast_signed);
            features.push_stored(Spot { x, y, size, angle }, &descriptor);
        }
        Some(features)
    }

    fn object(&mut self, kind: Kind) -> Option<Object> {
        let features = match kind {
            Kind::Tattoo => self.features::<{ sift::DIMS }>()?,
            Kind::Pet => self.features::<{ xfeat::DIMS }>()?,
        };
        let embedding = match kind {
            Kind::Tattoo => None,
            Kind::Pet => {
                let values = (0..pet::DIMS).map(|_| self.number()).collect::<Option<Vec<_>>>()?;
                Some(Embedding::from_unit(values)?)
            }
        };
        Some(Object { features, embedding })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(kind: Kind) -> ObjectTemplate {
        let object = |n: usize| {
            let dims = if kind == Kind::Pet { xfeat::DIMS } else { sift::DIMS };
            let mut features = Features::new(dims);
            for i in 0..4 + n {
                let spot = Spot { x: i as f32, y: 2.0, size: 8.0, angle: 0.0 };
                features.push(spot, &(0..dims).map(|d| (d * i + n) as f32 - 20.0).collect::<Vec<_>>());
            }
            let embedding = (kind == Kind::Pet).then(|| Embedding::from_raw(vec![1.0 + n as f32; pet::DIMS]).unwrap());
            Object { features, embedding }
        };
        ObjectTemplate::from_objects(kind, (0..3).map(object).collect())
    }

    #[test]
    fn what_is_written_is_read_again() {
        for kind in [Kind::Tattoo, Kind::Pet] {
            let bytes = template(kind).to_bytes();
            let back = ObjectTemplate::from_bytes(&bytes).ok().unwrap();
            assert_eq!((back.kind(), back.photos()), (kind, 3));
            assert!(*back.to_bytes() == *bytes);
        }
    }

    #[test]
    fn every_cut_and_every_longer_one_is_refused() {
        let whole = template(Kind::Pet).to_bytes();
        for cut in (0..whole.len()).step_by(7) {
            assert!(ObjectTemplate::from_bytes(&whole[..cut]).is_err(), "{cut}");
        }
        assert!(ObjectTemplate::from_bytes(&[&whole[..], &[0]].concat()).is_err());
    }

    proptest! {
        #[test]
        fn changed_bytes_never_panic(
            pet in any::<bool>(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        ) {
            let kind = if pet { Kind::Pet } else { Kind::Tattoo };
            let mut bytes = template(kind).to_bytes();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            if let Ok(read) = ObjectTemplate::from_bytes(&bytes) {
                let _ = (read.agreement(), read.same_object(&template(kind)), template(kind).same_object(&read));
                prop_assert!(*read.to_bytes() == *bytes, "nothing is taken for something else");
            }
        }

        #[test]
        fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..600), head in any::<bool>()) {
            if head {
                bytes.splice(0..0, HEAD);
            }
            let _ = ObjectTemplate::from_bytes(&bytes);
        }
    }
}
