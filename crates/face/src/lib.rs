//! From pictures to face features: decode, detect, landmarks, expression, quality, align, embed, compare.
