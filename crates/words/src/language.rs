/// A language that every text exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// British in dates and amounts.
    #[default]
    English,
    /// Simplified.
    Chinese,
    German,
}

/// Entries of an `Accept-Language` header that are looked at.
const WISHES: usize = 16;

impl Language {
    pub const ALL: [Self; 3] = [Self::English, Self::Chinese, Self::German];

    /// BCP 47, and the folder in `locales/`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
            Self::German => "de",
        }
    }

    /// Its name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
            Self::German => "Deutsch",
        }
    }

    /// By its tag or that of one of its regions: `de-AT` is German, `zh-TW` is Chinese.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| l.primary().eq_ignore_ascii_case(primary))
    }

    const fn primary(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
            Self::German => "de",
        }
    }

    /// The best of an `Accept-Language` header (RFC 9110, § 12.5.4); `None` when it names none of ours.
    pub fn wanted(header: &str) -> Option<Self> {
        let wish = |entry: &str| {
            let mut parts = entry.split(';');
            let language = Self::from_tag(parts.next()?)?;
            let weight =
                parts.find_map(|p| p.trim().strip_prefix("q=").map(|q| q.trim().parse::<f32>().unwrap_or(0.0)));
            Some((language, weight.unwrap_or(1.0))).filter(|(_, q)| *q > 0.0)
        };
        let mut best: Option<(Self, f32)> = None;
        for (language, weight) in header.split(',').take(WISHES).filter_map(wish) {
            if best.is_none_or(|(_, q)| weight > q) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_first_of_the_best() {
        for (header, wanted) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("fr, en;q=0.5, zh-Hans-CN;q=0.7", Some(Language::Chinese)),
            ("zh-TW", Some(Language::Chinese)),
            ("en;q=0, de;q=0.1", Some(Language::German)),
            ("en-GB", Some(Language::English)),
            ("fr-FR, *;q=0.1", None),
            ("de;q=nonsense", None),
            ("", None),
        ] {
            assert_eq!(Language::wanted(header), wanted, "{header}");
        }
        let endless = format!("{}de", "fr,".repeat(10_000));
        assert_eq!(Language::wanted(&endless), None);
    }

    #[test]
    fn every_tag_is_found_again() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("english"), None);
    }
}
