use std::fmt;

/// Digits of one prompt.
pub const DIGITS: usize = 6;

/// A prompt: six digits to be spoken one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits([u8; DIGITS]);

impl Digits {
    /// `None` unless all are 0 to 9.
    pub fn new(digits: [u8; DIGITS]) -> Option<Self> {
        digits.iter().all(|d| *d < 10).then_some(Self(digits))
    }

    /// Drawn by `random`, which gives uniformly distributed numbers. 10⁶ prompts less those with one digit three times in a row,
    /// which people miscount.
    pub fn draw(random: &mut impl FnMut() -> u32) -> Self {
        loop {
            let drawn: [u8; DIGITS] = std::array::from_fn(|_| digit(random));
            if !drawn.windows(3).any(|w| w.iter().all(|d| Some(d) == w.first())) {
                return Self(drawn);
            }
        }
    }

    /// From text such as `471902`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; DIGITS] = text.as_bytes().try_into().ok()?;
        Self::new(digits.map(|b| b.wrapping_sub(b'0')))
    }

    pub const fn each(&self) -> &[u8; DIGITS] {
        &self.0
    }
}

/// Without the bias that a plain remainder has.
fn digit(random: &mut impl FnMut() -> u32) -> u8 {
    const FAIR: u32 = u32::MAX - u32::MAX % 10;
    loop {
        let drawn = random();
        if drawn < FAIR {
            return u8::try_from(drawn % 10).unwrap_or(0);
        }
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|d| write!(f, "{d}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back_and_nothing_else() {
        assert_eq!(Digits::parse("471902").unwrap().to_string(), "471902");
        for bad in ["47190", "4719021", "47190a", "４７１９０２", ""] {
            assert!(Digits::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_drawn_prompt_never_says_one_digit_three_times_in_a_row() {
        let mut rest = [7, 7, 7, 1, 2, 3, 4, 5, 6, u32::MAX, 7, 8, 9].into_iter().cycle();
        let drawn = Digits::draw(&mut || rest.next().unwrap());
        assert_eq!(drawn.to_string(), "456789");
    }
}
