use std::fmt;
use std::str::FromStr;

/// The number format asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// bf16 where the processor multiplies it natively, else f32.
    #[default]
    Auto,
    /// bf16 always (slow where the processor has no instruction for it).
    Bf16,
    /// f32 always.
    F32,
}

/// The number format really used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bf16,
    F32,
}

impl Precision {
    /// What this wish means on the processor it runs on.
    pub fn resolve(self) -> Kind {
        match self {
            Self::Bf16 => Kind::Bf16,
            Self::F32 => Kind::F32,
            Self::Auto if has_native_bf16() => Kind::Bf16,
            Self::Auto => Kind::F32,
        }
    }
}

impl Kind {
    /// The engine's and the command line's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "bf16" => Ok(Self::Bf16),
            "f32" => Ok(Self::F32),
            other => Err(format!("`{other}` is not a precision: use auto, bf16 or f32")),
        }
    }
}

/// AMX-BF16 is not probed on its own: every processor that has it has AVX512-BF16 too.
#[cfg(target_arch = "x86_64")]
fn has_native_bf16() -> bool {
    std::arch::is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_native_bf16() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_names_and_refuses_others() {
        assert_eq!("bf16".parse(), Ok(Precision::Bf16));
        assert_eq!("f32".parse(), Ok(Precision::F32));
        assert_eq!("auto".parse(), Ok(Precision::Auto));
        assert!("fp16".parse::<Precision>().is_err());
    }

    #[test]
    fn a_fixed_wish_is_kept() {
        assert_eq!(Precision::F32.resolve(), Kind::F32);
        assert_eq!(Precision::Bf16.resolve(), Kind::Bf16);
    }
}
