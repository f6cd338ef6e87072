use super::strings;

/// What somebody pays with, where a page is for one of several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Face,
    Voice,
    /// A tattoo or a pet.
    Object,
}

impl Way {
    /// For a method's name; everything that has no page of its own looks like a face.
    pub fn of(method: &str) -> Self {
        match method {
            "voice" => Self::Voice,
            "kungfu" => Self::Object,
            _ => Self::Face,
        }
    }

    pub fn is_voice(self) -> bool {
        self == Self::Voice
    }

    pub fn is_object(self) -> bool {
        self == Self::Object
    }

    /// The text of `page.key` for this way: its own where the catalogue has one (`page_voice.key`, `page_object.key`).
    pub fn say(self, page: &str, key: &str) -> &'static str {
        let own = match self {
            Self::Face => "",
            Self::Voice => "_voice",
            Self::Object => "_object",
        };
        let found = strings::find(&format!("{page}{own}.{key}"));
        found.or_else(|| strings::find(&format!("{page}.{key}"))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_has_its_own_words_or_the_common_ones() {
        for way in [Way::Face, Way::Voice, Way::Object] {
            for key in ["title", "renew_title", "lead", "kept_what", "limit_what", "fresh", "do", "long_what"] {
                assert!(!way.say("enrol", key).is_empty(), "{way:?} {key}");
            }
            for key in ["title", "why"] {
                assert!(!way.say("enrolled", key).is_empty(), "{way:?} {key}");
            }
            for key in ["section", "opening", "opening_how"] {
                assert!(!way.say("capture", key).is_empty(), "{way:?} {key}");
            }
        }
        assert_ne!(Way::Object.say("enrol", "lead"), Way::Face.say("enrol", "lead"));
        assert_eq!(Way::Object.say("enrol", "long_what"), Way::Face.say("enrol", "long_what"));
    }
}
