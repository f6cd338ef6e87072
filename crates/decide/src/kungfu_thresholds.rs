//! What was measured of tattoos and pets, as thresholds. Data: the development photos of `smilepay evaluate kungfu` (BENCHMARKS.md,
//! *Tattoos and pets*), so every figure here is in-sample; pairs share photos, and an interval is wider than their number says.

/// Places of two tattoos that agree on one motion. Of 1,500 pairs of different tattoos, one photo each, 6 have 4 and none has more
/// (FMR 0 of 1,500); of 16 clean pairs the lowest has 13, of 4 partial ones one has 1 and the next 31. A payment compares up to 6 × 4
/// pairs of photos and takes the best, so this leaves room above 4.
pub(crate) const TATTOO_MATCH_FROM: f32 = 10.0;
/// From here on a second factor is asked instead of refusing: well above what strangers reached.
pub(crate) const TATTOO_GREY_FROM: f32 = 7.0;
/// The least fitting photo of an enrolment to the best of the others.
pub(crate) const TATTOO_AGREE_FROM: f32 = 12.0;
/// Two templates show one tattoo. Nine comparisons each, and every account against every other.
pub(crate) const TATTOO_SAME_FROM: f32 = 20.0;

/// Three enrolled photos of a dog against one: FMR 7e-4 (11 of 15,958), FNMR 22 % (44 of 202). Against the mean of two or three other
/// photos: FMR 7e-3 (42 of 6,320), FNMR 1 % (1 of 80). Photos of one capture lie between the two. Dogs of one breed are
/// taken for each other more often (8e-3 against one photo); a pet is for pocket money.
pub(crate) const PET_MATCH_FROM: f32 = 0.89;
/// FMR 8e-3 (7e-2 within one breed), FNMR 4.5 % against one photo; 3e-2 and 0 of 80 against two or three: a second factor is asked.
pub(crate) const PET_GREY_FROM: f32 = 0.85;
/// The least fitting photo of an enrolment to the best of the others: 2 of 80 dogs have less, 9 of 10 mixtures of two dogs.
pub(crate) const PET_AGREE_FROM: f32 = 0.75;
/// Two templates of three photos show one dog: no two of 80 dogs have more than 0.941.
pub(crate) const PET_SAME_FROM: f32 = 0.95;

/// Local features of a tattoo; the poorest of 76 photos has 129, a blank fewer than 20.
pub(crate) const FEATURES_FROM: u32 = 100;
/// Share of 36 cells that hold one; the least of 76 photos is 0.53.
pub(crate) const SPREAD_FROM: f32 = 0.3;
/// Share of pixels with the colour of skin: refuses documents, screens and black-and-white pictures, and 6 of 76 photos of tattoos
/// (coloured light, or black and white).
pub(crate) const SKIN_FROM: f32 = 0.1;
/// Score of the surest large face in a photo of a tattoo: every real face of LFW has 0.91 or more, and so have portraits among tattoos
/// (6 of 76 photos have more than this).
pub(crate) const FACE_TO: f32 = 0.88;
/// Probability of a dog or a cat: 2 of 89 dogs have less, no face of 185 has more than 0.28.
pub(crate) const PET_FROM: f32 = 0.4;
/// Variance of the Laplacian of the view at about 0.1 megapixels: below it a photo asks for another one (how many of the development photos
/// are so soft: `--example screens`).
pub(crate) const SHARP_FROM: f32 = 15.0;
/// Mean grey level, 0..=255; 72 to 178 in 76 photos of tattoos, 49 to 196 in 89 of dogs.
pub(crate) const BRIGHT_FROM: f32 = 40.0;
pub(crate) const BRIGHT_TO: f32 = 225.0;
/// Share of burnt-out pixels; at most 0.064 in 76 photos of tattoos.
pub(crate) const GLARE_TO: f32 = 0.15;
/// Decibels of a repeated pattern's peak over what is around it. None of 76 photos of tattoos and of the drawn and photographed ones in a
/// moving hand has more than 8.6; about half of the generated displays have more than this in most photos, up to 37 (BENCHMARKS.md,
/// *Kungfu in the scene*): it raises the risk, and its absence says nothing.
pub(crate) const LATTICE_TO: f32 = 12.0;
