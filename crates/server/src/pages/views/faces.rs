use askama::Template;
use service::faces::{ComparedView, PictureView};

use super::{Language, Shell, filters, strings};

/// Two pictures and whether they show one person.
#[derive(Template)]
#[template(path = "faces.html")]
pub struct Faces {
    pub shell: Shell,
    /// What was wrong with what was sent.
    pub wrong: Option<String>,
    pub answer: Option<Compared>,
}

/// An answer in words.
pub struct Compared {
    pub headline: String,
    pub rates: Vec<Rate>,
    /// A rate is marked: it was not counted.
    pub beyond: bool,
    /// What to do about the pictures.
    pub hints: Vec<String>,
}

/// The answer at one false match rate.
pub struct Rate {
    pub rate: String,
    pub says: String,
}

impl Faces {
    pub fn new(csrf: Option<String>) -> Self {
        Self { shell: Shell::new(strings::text("faces.title"), "page", csrf), wrong: None, answer: None }
    }

    #[must_use]
    pub fn with_answer(mut self, compared: &ComparedView) -> Self {
        self.answer = Some(Compared::of(compared));
        self
    }

    #[must_use]
    pub fn with_wrong(mut self, wrong: String) -> Self {
        self.wrong = Some(wrong);
        self
    }
}

impl Compared {
    fn of(view: &ComparedView) -> Self {
        let rates = view.same_person.map(|s| {
            let c = s.claimable;
            [(4, s.fmr_1e4, c.fmr_1e4), (5, s.fmr_1e5, c.fmr_1e5), (6, s.fmr_1e6, c.fmr_1e6)]
        });
        let headline = match view.same_person {
            None => "faces.no_face",
            Some(s) if s.fmr_1e5 => "faces.same",
            Some(s) if s.fmr_1e4 => "faces.likely",
            Some(_) => "faces.different",
        };
        let beyond = rates.iter().flatten().any(|r| !r.2);
        let rate = |(power, yes, counted): (u32, bool, bool)| Rate {
            rate: strings::fill("faces.rate", &[("n", &words::whole(crate::language::current(), 10_u64.pow(power)))])
                + if counted { "" } else { "\u{a0}*" },
            says: strings::text(if yes { "faces.yes" } else { "faces.no" }).to_owned(),
        };
        let of = |key: &str, pictures: &[PictureView]| {
            let all = pictures.iter().flat_map(|p| &p.hints);
            let say = |hint: &String| strings::fill(key, &[("hint", strings::text(&format!("faces.hint.{hint}")))]);
            all.map(say).collect::<Vec<_>>()
        };
        let hints = [of("faces.of_first", &view.first), of("faces.of_second", &view.second)].concat();
        Self {
            headline: strings::text(headline).to_owned(),
            rates: rates.into_iter().flatten().map(rate).collect(),
            beyond,
            hints,
        }
    }
}
