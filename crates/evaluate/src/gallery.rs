//! Every picture of the lists, embedded once; all evaluations share it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::Vectors;
use crate::error::EvaluateError;
use crate::extract;
use crate::metrics::{Scores, SortedScores};
use crate::pairs::{Pair, PairList};
use crate::people::{self, Person};

/// Which lists to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// `pairs.csv` only.
    Pairs,
    /// `people.csv`, and `pairs.csv` where it exists.
    People,
    /// `people.csv` only; `pairs.csv`, where it exists, tells the groups of people that have none.
    OnlyPeople,
}

/// The lists and the vectors of their pictures.
pub struct Gallery {
    pub(crate) folder: PathBuf,
    pub(crate) list: PairList,
    pub(crate) people: Vec<Person>,
    pub(crate) vectors: Vectors,
}

impl Gallery {
    /// Reads the lists below `data/faces` and embeds every picture once.
    ///
    /// # Errors
    /// A list is missing or malformed, or the engine fails. Bad pictures are not errors.
    pub fn open(
        data: &Path,
        lists: Lists,
        models: &face::Models,
        threads: usize,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, EvaluateError> {
        let folder = data.join("faces");
        let pairs = folder.join("pairs.csv");
        let optional = lists != Lists::Pairs && !pairs.exists();
        let mut list = if optional { PairList::default() } else { PairList::read(&pairs)? };
        let mut people = match lists {
            Lists::Pairs => Vec::new(),
            Lists::People | Lists::OnlyPeople => people::read(&folder.join("people.csv"), &mut list.images)?,
        };
        people::groups_from_pairs(&mut people, &list);
        if lists == Lists::OnlyPeople {
            list = without_pairs(&list, &mut people);
        }
        let vectors = extract::all(&folder, &list.images, models, threads, progress)?;
        Ok(Self { folder, list, people, vectors })
    }

    /// Different pictures.
    pub fn images(&self) -> usize {
        self.list.images.len()
    }

    /// Pictures without a usable face.
    pub fn fta(&self) -> usize {
        self.vectors.iter().filter(|v| v.is_none()).count()
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// The cosine of each pair of which both pictures show a face.
    pub(crate) fn each_pair<'g>(&'g self, mut take: impl FnMut(&'g Pair, f32)) {
        let get = |i: usize| self.vectors.get(i).and_then(Option::as_ref);
        for pair in &self.list.pairs {
            if let (Some(a), Some(b)) = (get(pair.a), get(pair.b)) {
                take(pair, a.embedding.cosine(&b.embedding).value());
            }
        }
    }

    /// Cosines of the pairs of each set.
    pub(crate) fn pair_scores(&self) -> BTreeMap<&str, SortedScores> {
        let mut sets = BTreeMap::<&str, Scores>::new();
        self.each_pair(|pair, cosine| sets.entry(&pair.set).or_default().push(pair.same, cosine));
        sets.into_iter().map(|(set, scores)| (set, scores.finish())).collect()
    }

    /// SHA-256 over the names and bytes of all people's pictures, hex: which data a calibration was made from.
    pub fn data_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for person in &self.people {
            for name in person.pictures.iter().filter_map(|i| self.list.images.get(*i)) {
                for part in [&person.set, &person.name, name] {
                    hash.update(part.as_bytes());
                    hash.update([0]);
                }
                hash.update(extract::read_bounded(&self.folder.join(name)).unwrap_or_default());
            }
        }
        hex::encode(hash.finalize())
    }
}

/// The people's pictures alone, renumbered.
fn without_pairs(list: &PairList, people: &mut [Person]) -> PairList {
    let mut images = Vec::new();
    for place in people.iter_mut().flat_map(|p| p.pictures.iter_mut()) {
        let name = list.images.get(*place).cloned().unwrap_or_default();
        *place = images.len();
        images.push(name);
    }
    PairList { images, pairs: Vec::new() }
}
