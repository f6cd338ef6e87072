//! The template protocol: several pictures enrolled, several presented, all people of a set against each other.

use decide::{Calibration, Cosine, FaceMatch, MatchSize};
use face::{Embedding, Template};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::Vectors;
use crate::error::EvaluateError;
use crate::extract::Extracted;
use crate::limits::{MAX_DRAWS, MAX_SIZE};
use crate::people::Person;

/// How templates and probes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Pictures per template.
    pub enrol: usize,
    /// Pictures per probe; probes of one person are disjoint groups of the pictures left.
    pub probe: usize,
    pub draws: u32,
    pub seed: u64,
}

/// One comparison of a template with a probe. Scores stay in the process; only counts are reported.
#[derive(Clone, Copy)]
pub struct Compared {
    /// Places in the list of people.
    pub template: usize,
    pub probe: usize,
    /// Which draw, from 0.
    pub draw: u32,
    pub matched: FaceMatch,
}

impl Compared {
    pub const fn same(&self) -> bool {
        self.template == self.probe
    }
}

struct Joined {
    person: usize,
    template: Template,
}

impl Protocol {
    /// The size that the bars are set for.
    pub const STANDARD: Self = Self { enrol: 5, probe: 3, draws: 10, seed: 1 };

    /// All comparisons of all draws. People with fewer usable pictures than one template and one probe need take no part; sets
    /// never mix.
    ///
    /// # Errors
    /// The protocol is out of range.
    pub(crate) fn run(&self, people: &[Person], vectors: &Vectors) -> Result<Vec<Compared>, EvaluateError> {
        self.run_refs(people, &vectors.iter().map(Option::as_ref).collect::<Vec<_>>())
    }

    /// As [`Protocol::run`], of borrowed vectors.
    ///
    /// # Errors
    /// As [`Protocol::run`].
    pub(crate) fn run_refs(
        &self,
        people: &[Person],
        vectors: &[Option<&Extracted>],
    ) -> Result<Vec<Compared>, EvaluateError> {
        let sizes = 1..=MAX_SIZE;
        if !sizes.contains(&self.enrol) || !sizes.contains(&self.probe) || !(1..=MAX_DRAWS).contains(&self.draws) {
            return Err(EvaluateError::Protocol { max: MAX_SIZE, max_draws: MAX_DRAWS });
        }
        let mut compared = Vec::new();
        for set in sets(people) {
            let members: Vec<usize> =
                (0..people.len()).filter(|i| people.get(*i).is_some_and(|p| p.set == set)).collect();
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
            for draw in 0..self.draws {
                let (templates, probes) = self.draw(people, &members, vectors, &mut rng)?;
                compare_all(&templates, &probes, draw, &mut compared)?;
            }
        }
        Ok(compared)
    }

    fn draw(
        &self,
        people: &[Person],
        members: &[usize],
        vectors: &[Option<&Extracted>],
        rng: &mut ChaCha8Rng,
    ) -> Result<(Vec<Joined>, Vec<Joined>), EvaluateError> {
        let (mut templates, mut probes) = (Vec::new(), Vec::new());
        for &person in members {
            let mut views = people.get(person).map(|p| usable(p, vectors)).unwrap_or_default();
            if views.len() < self.enrol + self.probe {
                continue;
            }
            views.shuffle(rng);
            let (first, rest) = views.split_at(self.enrol);
            templates.push(Joined { person, template: Template::from_view_refs(first)? });
            for group in rest.chunks_exact(self.probe) {
                probes.push(Joined { person, template: Template::from_view_refs(group)? });
            }
        }
        Ok((templates, probes))
    }

    /// People of `set` that take part.
    pub(crate) fn participants(&self, people: &[Person], vectors: &Vectors, set: Option<&str>) -> usize {
        let shown = |p: &Person| p.pictures.iter().filter(|i| vectors.get(**i).is_some_and(Option::is_some)).count();
        let takes_part = |p: &&Person| set.is_none_or(|s| p.set == s) && shown(p) >= self.enrol + self.probe;
        people.iter().filter(takes_part).count()
    }
}

/// Names of the sets, in order, each once.
pub fn sets(people: &[Person]) -> Vec<&str> {
    let mut sets: Vec<&str> = people.iter().map(|p| p.set.as_str()).collect();
    sets.sort_unstable();
    sets.dedup();
    sets
}

fn usable<'v>(person: &Person, vectors: &[Option<&'v Extracted>]) -> Vec<(&'v Embedding, f32)> {
    let view = |i: &usize| vectors.get(*i).copied().flatten().map(|e| (&e.embedding, e.weight));
    person.pictures.iter().filter_map(view).collect()
}

fn compare_all(
    templates: &[Joined],
    probes: &[Joined],
    draw: u32,
    into: &mut Vec<Compared>,
) -> Result<(), EvaluateError> {
    for t in templates {
        for p in probes {
            let cosine = t.template.compare(&p.template)?.value();
            let Some(score) = Cosine::new(cosine) else { continue };
            let size = MatchSize { views: t.template.views(), frames: p.template.views() };
            into.push(Compared { template: t.person, probe: p.person, draw, matched: FaceMatch { score, size } });
        }
    }
    Ok(())
}

/// The log-likelihood ratio, by the same call that judges a payment.
pub fn llr(calibration: &Calibration, compared: &Compared) -> f32 {
    calibration.llr(compared.matched).get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Extracted;
    use face::EMBEDDING_LEN;

    /// Pictures of `person` near one axis, each with its own small part.
    pub(crate) fn picture(person: usize, i: usize) -> Option<Extracted> {
        let mut raw = [0.0; EMBEDDING_LEN];
        raw[person] = 1.0;
        raw[60 + (person * 11 + i) % 60] = 0.3 + 0.02 * i as f32;
        Some(Extracted { embedding: Embedding::from_raw(&raw).unwrap(), weight: 1.0 })
    }

    fn world() -> (Vec<Person>, Vectors) {
        let mut vectors: Vectors = Vec::new();
        let mut people = Vec::new();
        for (n, (set, pictures)) in [("a", 9), ("a", 11), ("a", 4), ("b", 8)].into_iter().enumerate() {
            let first = vectors.len();
            vectors.extend((0..pictures).map(|i| picture(n, i)));
            people.push(Person {
                set: set.to_owned(),
                name: n.to_string(),
                group: String::new(),
                pictures: (first..first + pictures).collect(),
            });
        }
        (people, vectors)
    }

    #[test]
    fn counts_are_those_of_the_contract() {
        let (people, mut vectors) = world();
        let protocol = Protocol { draws: 2, ..Protocol::STANDARD };
        let all = protocol.run(&people, &vectors).unwrap();
        // Set a: person 0 has 1 probe, person 1 has 2, person 2 too few pictures; set b: 1 person, 1 probe.
        let genuine = all.iter().filter(|c| c.same()).count();
        assert_eq!((genuine, all.len() - genuine), (2 * 4, 2 * 3));
        assert_eq!(protocol.participants(&people, &vectors, Some("a")), 2);
        assert!(all.iter().all(|c| people[c.template].set == people[c.probe].set));
        assert!(all.iter().all(|c| (c.matched.score.get() > 0.7) == c.same()));
        // A picture without a face takes no part.
        vectors[0] = None;
        vectors[1] = None;
        assert_eq!(protocol.participants(&people, &vectors, Some("a")), 1);
    }

    #[test]
    fn a_seed_repeats_a_run_and_another_changes_it() {
        let (people, vectors) = world();
        let run = |seed| {
            let all = Protocol { seed, ..Protocol::STANDARD }.run(&people, &vectors).unwrap();
            all.iter().map(|c| c.matched.score.get().to_bits()).collect::<Vec<u32>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(Protocol { enrol: 0, ..Protocol::STANDARD }.run(&people, &vectors).is_err());
    }
}
