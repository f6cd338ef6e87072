use zeroize::Zeroizing;

use crate::embedding::{Embedding, Score, Vector};
use crate::error::FaceError;
use crate::form::ModelId;
use crate::limits::MAX_VIEWS;

/// Views that agree with the others by this much less than the usual one are left out. Not an accept threshold: it compares a
/// payer's views among themselves. 0.15 cost genuine pairs (lowest 1 % at 5×3: 0.636 instead of 0.667 cosine), 0.30–0.40 none.
const OUTLIER_MARGIN: f32 = 0.40;
/// Fewer views than this cannot outvote an odd one.
const MIN_VIEWS_TO_DROP: usize = 4;
/// Fewer views than this cannot be weighted by their agreement.
const MIN_VIEWS_TO_WEIGH: usize = 3;
/// Least share of its weight that a view keeps, however little it agrees.
const MIN_AGREEMENT: f32 = 0.05;
/// First byte of the stored form.
const FORMAT: u8 = 1;
/// Longest model id in the stored form.
const MAX_MODEL_ID: usize = 64;

/// Several views of one face joined: the weighted mean of their vectors, of unit length. Also used for the frames of a probe.
///
/// Biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped. Its size (how many views went in) matters as
/// much as its vector: a threshold belongs to a pair of sizes.
pub struct Template {
    vector: Vector,
    views: u8,
    offered: u8,
    effective: f32,
    model: ModelId,
}

impl Template {
    /// Joins views with their weights (> 0, usually from their quality). From three views on each also counts by how well it
    /// agrees with the others; from four on, views that do not look like them at all are left out (at most a third).
    ///
    /// # Errors
    /// No view, too many, views of two recognisers, or a weight that is not positive and finite.
    pub fn from_views(views: &[(Embedding, f32)]) -> Result<Self, FaceError> {
        let borrowed: Vec<(&Embedding, f32)> = views.iter().map(|(e, w)| (e, *w)).collect();
        Self::from_view_refs(&borrowed)
    }

    /// As [`Template::from_views`], of borrowed views.
    ///
    /// # Errors
    /// As [`Template::from_views`].
    pub fn from_view_refs(views: &[(&Embedding, f32)]) -> Result<Self, FaceError> {
        let model = check_views(views)?;
        Self::join(&by_agreement(&without_outliers(views)), views.len(), model)
    }

    fn join(kept: &[(&Embedding, f32)], offered: usize, model: ModelId) -> Result<Self, FaceError> {
        let mut vector = weighted_sum(kept);
        vector.normalise()?;
        let (sum, squares) = kept.iter().fold((0.0, 0.0), |(s, q), (_, w)| (s + w, q + w * w));
        Ok(Self {
            vector,
            views: u8::try_from(kept.len()).unwrap_or(u8::MAX),
            offered: u8::try_from(offered).unwrap_or(u8::MAX),
            effective: sum * sum / squares,
            model,
        })
    }

    /// Rebuilds a template from the parts that the vault keeps.
    ///
    /// # Errors
    /// The vector is not usable or a count is zero.
    pub fn from_parts(values: &[f32], views: u8, offered: u8, effective: f32, model: &str) -> Result<Self, FaceError> {
        let counts = views > 0 && offered >= views && effective.is_finite() && effective > 0.0;
        if !counts || model.is_empty() || model.len() > MAX_MODEL_ID {
            return Err(FaceError::DamagedTemplate);
        }
        let vector = Vector::unit(values).map_err(|_| FaceError::DamagedTemplate)?;
        Ok(Self { vector, views, offered, effective, model: ModelId::new(model) })
    }

    /// The cosine to a single view.
    pub fn cosine(&self, probe: &Embedding) -> Score {
        Score::new(self.vector.dot(probe.vector()))
    }

    /// The cosine to several joined views.
    ///
    /// # Errors
    /// The two were made by different networks.
    pub fn compare(&self, probe: &Self) -> Result<Score, FaceError> {
        if self.model != probe.model {
            return Err(FaceError::OtherModel { found: self.model.as_str().to_owned() });
        }
        Ok(Score::new(self.vector.dot(&probe.vector)))
    }

    /// Views that went in.
    pub const fn views(&self) -> u8 {
        self.views
    }

    /// Views that were offered, those left out included.
    pub const fn offered(&self) -> u8 {
        self.offered
    }

    /// How many equally weighted views would carry as much, 1..=views.
    pub const fn effective_views(&self) -> f32 {
        self.effective
    }

    /// Which network and alignment made it; vectors of different ids cannot be compared.
    pub fn model(&self) -> &str {
        self.model.as_str()
    }

    /// The vector itself. Only for the vault; never store in clear, log or send it.
    pub fn expose_values(&self) -> &[f32] {
        self.vector.values()
    }

    /// The stored form, in clear. Only for the vault, which seals it.
    ///
    /// Layout: format (1), views, offered, effective (f32 LE), length of the model id, model id, the values as f32 LE.
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let (id, values) = (self.model.as_str().as_bytes(), self.vector.values());
        // Sized once: growing would leave an unwiped copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 + id.len() + 4 * values.len()));
        bytes.extend_from_slice(&[FORMAT, self.views, self.offered]);
        bytes.extend_from_slice(&self.effective.to_le_bytes());
        bytes.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(id);
        values.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
        bytes
    }

    /// Reads what [`Template::expose_bytes`] wrote.
    ///
    /// # Errors
    /// The bytes are not a template.
    pub fn from_exposed_bytes(bytes: &[u8]) -> Result<Self, FaceError> {
        let damaged = || FaceError::DamagedTemplate;
        let (head, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let [format, views, offered, e0, e1, e2, e3, id_len] = *head;
        let (id, vector) = rest.split_at_checked(usize::from(id_len)).ok_or_else(damaged)?;
        let model = std::str::from_utf8(id).map_err(|_| damaged())?;
        let (floats, tail) = vector.as_chunks::<4>();
        if format != FORMAT || !tail.is_empty() {
            return Err(damaged());
        }
        let values = Zeroizing::new(floats.iter().map(|f| f32::from_le_bytes(*f)).collect::<Vec<f32>>());
        Self::from_parts(&values, views, offered, f32::from_le_bytes([e0, e1, e2, e3]), model)
    }
}

fn weighted_sum(views: &[(&Embedding, f32)]) -> Vector {
    let mut sum = Vector::zero(views.first().map_or(0, |(v, _)| v.expose_values().len()));
    views.iter().for_each(|(view, weight)| sum.add(view.expose_values(), *weight));
    sum
}

/// The recogniser that all views are of.
fn check_views(views: &[(&Embedding, f32)]) -> Result<ModelId, FaceError> {
    let usable = views.iter().all(|(_, w)| w.is_finite() && *w > 0.0);
    let Some((first, _)) = views.first().filter(|_| usable && views.len() <= MAX_VIEWS) else {
        return Err(FaceError::Views { got: views.len() });
    };
    match views.iter().find(|(v, _)| v.model() != first.model()) {
        Some((other, _)) => Err(FaceError::OtherModel { found: other.model().as_str().to_owned() }),
        None => Ok(first.model().clone()),
    }
}

/// Leaves out views whose cosine to the mean of the others is far below the usual one.
fn without_outliers<'a>(views: &[(&'a Embedding, f32)]) -> Vec<(&'a Embedding, f32)> {
    if views.len() < MIN_VIEWS_TO_DROP {
        return views.to_vec();
    }
    let total = weighted_sum(views);
    let mut scored: Vec<(f32, (&Embedding, f32))> = views.iter().map(|v| (agreement(&total, v), *v)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let usual = scored.get(scored.len() / 2).map_or(0.0, |s| s.0);
    let must_keep = views.len() - views.len() / 3;
    let good = |(i, (score, _)): &(usize, (f32, (&Embedding, f32)))| *i < must_keep || usual - score <= OUTLIER_MARGIN;
    scored.into_iter().enumerate().filter(good).map(|(_, (_, view))| view).collect()
}

/// Scales each weight by the view's agreement with the others: a soft form of dropping outliers. Measured at 5×3: the lowest
/// 1 % of genuine scores rises by 0.01–0.02; a higher power, or quality weights on top, gave nothing more.
fn by_agreement<'a>(views: &[(&'a Embedding, f32)]) -> Vec<(&'a Embedding, f32)> {
    if views.len() < MIN_VIEWS_TO_WEIGH {
        return views.to_vec();
    }
    let total = weighted_sum(views);
    views.iter().map(|v| (v.0, v.1 * agreement(&total, v).clamp(MIN_AGREEMENT, 1.0))).collect()
}

/// Cosine of one view to the mean of all the others.
fn agreement(total: &Vector, (view, weight): &(&Embedding, f32)) -> f32 {
    let mut others = total.copy();
    others.add(view.expose_values(), -weight);
    others.normalise().map_or(-1.0, |()| others.dot(view.vector()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::EMBEDDING_LEN;
    use crate::models::MODEL_ID;

    /// A vector near `axis`, with a small part along `other`.
    fn view(axis: usize, other: usize, amount: f32) -> Embedding {
        let mut raw = [0.0; EMBEDDING_LEN];
        raw[axis] = 1.0;
        raw[other] += amount;
        Embedding::from_raw(&raw).unwrap()
    }

    #[test]
    fn weights_pull_the_mean() {
        let even = Template::from_views(&[(view(0, 1, 0.0), 1.0), (view(1, 0, 0.0), 1.0)]).unwrap();
        let heavy = Template::from_views(&[(view(0, 1, 0.0), 3.0), (view(1, 0, 0.0), 1.0)]).unwrap();
        assert!((even.cosine(&view(0, 1, 0.0)).value() - 0.5_f32.sqrt()).abs() < 1e-6);
        assert!((heavy.cosine(&view(0, 1, 0.0)).value() - 3.0 / 10.0_f32.sqrt()).abs() < 1e-6);
        assert!((even.effective_views() - 2.0).abs() < 1e-6);
        assert!((heavy.effective_views() - 1.6).abs() < 1e-6);
    }

    #[test]
    fn a_strangers_view_is_left_out_but_good_ones_stay() {
        let mut views: Vec<(Embedding, f32)> = (1..6).map(|i| (view(0, i, 0.3), 1.0)).collect();
        assert_eq!(Template::from_views(&views).unwrap().views(), 5);
        views.push((view(9, 8, 0.1), 1.0));
        let t = Template::from_views(&views).unwrap();
        assert_eq!((t.views(), t.offered()), (5, 6));
        assert!(t.cosine(&view(9, 8, 0.1)).value().abs() < 1e-6);
    }

    #[test]
    fn a_view_that_agrees_less_counts_less() {
        // Four views near one axis, one turned away from them by 45°: too near to be left out.
        let mut views: Vec<(Embedding, f32)> = (1..5).map(|i| (view(0, i, 0.1), 1.0)).collect();
        views.push((view(0, 9, 1.0), 1.0));
        let t = Template::from_views(&views).unwrap();
        assert_eq!(t.views(), 5);
        let plain = [4.0 + 0.5_f32.sqrt(), 0.5_f32.sqrt()];
        let pulled = t.expose_values()[9] / t.expose_values()[0];
        assert!(pulled > 0.0 && pulled < 0.8 * plain[1] / plain[0], "{pulled}");
    }

    #[test]
    fn bytes_round_trip_and_damage_is_seen() {
        let t = Template::from_views(&[(view(3, 4, 0.5), 2.0), (view(3, 5, 0.5), 1.0)]).unwrap();
        let bytes = t.expose_bytes();
        let back = Template::from_exposed_bytes(&bytes).unwrap();
        assert!(t.compare(&back).unwrap().value() > 0.999_999);
        assert_eq!((back.views(), back.offered(), back.model()), (2, 2, MODEL_ID));
        for cut in [0, 7, 20, bytes.len() - 1] {
            assert!(Template::from_exposed_bytes(&bytes[..cut]).is_err(), "{cut}");
        }
        let mut wrong = bytes.to_vec();
        wrong[0] = 9;
        assert!(Template::from_exposed_bytes(&wrong).is_err());
        let mut longer = bytes.to_vec();
        longer.push(0);
        assert!(Template::from_exposed_bytes(&longer).is_err());
    }

    #[test]
    fn other_models_cannot_be_compared() {
        let t = Template::from_views(&[(view(3, 4, 0.5), 1.0)]).unwrap();
        let other = Template::from_parts(t.expose_values(), 1, 1, 1.0, "another").unwrap();
        assert!(matches!(t.compare(&other), Err(FaceError::OtherModel { .. })));
    }

    #[test]
    fn bad_views_are_refused() {
        assert!(Template::from_views(&[]).is_err());
        for weight in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(Template::from_views(&[(view(0, 1, 0.0), weight)]).is_err());
        }
    }
}
