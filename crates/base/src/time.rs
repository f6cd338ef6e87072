use serde::{Deserialize, Serialize};

/// A point in time, milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

impl Timestamp {
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment moved forward; saturates at the end of time.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Time passed since `earlier`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-21T20:15:00.000Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map_or_else(|_| self.0.to_string(), |t| format!("{t:.3}"))
    }

    /// The UTC calendar date, such as `2026-11-27`.
    pub fn date(self) -> String {
        self.rfc3339().chars().take(10).collect()
    }
}

impl Span {
    pub const fn millis(ms: i64) -> Self {
        Self(ms)
    }

    pub const fn seconds(s: i64) -> Self {
        Self(s.saturating_mul(1_000))
    }

    pub const fn minutes(m: i64) -> Self {
        Self::seconds(m.saturating_mul(60))
    }

    pub const fn hours(h: i64) -> Self {
        Self::minutes(h.saturating_mul(60))
    }

    pub const fn days(d: i64) -> Self {
        Self::hours(d.saturating_mul(24))
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_rfc3339() {
        let t = Timestamp::from_millis(1_763_755_200_000).plus(Span::days(6));
        assert_eq!(t.rfc3339(), "2025-11-27T20:00:00.000Z");
        assert_eq!(t.date(), "2025-11-27");
    }
}
