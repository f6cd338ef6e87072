//! The two halves of a face. A portrait is never quite frontal: the half that is turned away is narrow, blurred and
//! guessed by the mesh network, so a puppet made of both can be turned to one side only. We keep the half that faces the
//! camera and mirror it.
#![expect(
    clippy::indexing_slicing,
    reason = "PAIRS and OVAL hold numbers below MESH_POINTS; Half::frontal is given at least that many points"
)]

use crate::landmarks::{MESH_POINTS, OVAL};
use nalgebra::{Matrix3, Vector3};

/// Where the head of a portrait looks and which half of it is seen better.
pub struct Half {
    to_frontal: Matrix3<f32>,
    /// Where the plane of symmetry lies on the frontal x axis, cm.
    middle: f32,
    /// The mirror image of each mesh point that is on the half turned away; `None` for points that are kept.
    source: Vec<Option<usize>>,
}

impl Half {
    /// `points`: the mesh in space, cm, as photographed.
    pub fn better(points: &[[f32; 3]]) -> Self {
        let at = |i: usize| Vector3::from(points[i]);
        let across: Vector3<f32> = PAIRS.iter().map(|&(l, r)| at(r) - at(l)).sum();
        // Point numbers are not ordered by side: make the axis lead to picture right pair by pair.
        let across: Vector3<f32> = PAIRS
            .iter()
            .map(|&(l, r)| at(r) - at(l))
            .map(|d| if d.x < 0.0 { -d } else { d })
            .sum::<Vector3<f32>>()
            .try_normalize(1e-6)
            .unwrap_or_else(|| across.try_normalize(1e-6).unwrap_or_else(Vector3::x));
        let down = (Vector3::y() - across * across.y).try_normalize(1e-6).unwrap_or_else(Vector3::y);
        let away = across.cross(&down);
        let to_frontal = Matrix3::from_columns(&[across, down, away]).transpose();
        let middle = PAIRS.iter().map(|&(l, r)| (at(l) + at(r)).dot(&across) / 2.0).sum::<f32>() / PAIRS.len() as f32;
        // The half on picture right is farther when the nose points to picture right.
        let right_is_away = across.z > 0.0;
        let mut source = vec![None; MESH_POINTS];
        for &(a, b) in &PAIRS {
            let a_is_right = (at(a) - at(b)).dot(&across) > 0.0;
            let (bad, good) = if a_is_right == right_is_away { (a, b) } else { (b, a) };
            source[bad] = Some(good);
        }
        Self { to_frontal, middle, source }
    }

    /// A photographed point seen from the front, x = 0 in the plane of symmetry.
    pub fn frontal(&self, point: [f32; 3]) -> [f32; 3] {
        let p = self.to_frontal * Vector3::from(point);
        [p.x - self.middle, p.y, p.z]
    }

    /// The point whose mirror image takes this one's place; `None` when it is kept.
    pub fn source(&self, mesh_point: usize) -> Option<usize> {
        self.source.get(mesh_point).copied().flatten()
    }

    /// The same for a place on the outline (0 … 35, as in `OVAL`).
    pub fn outline_source(&self, place: usize) -> Option<usize> {
        let point = *OVAL.get(place)?;
        self.source(point).map(|_| (OVAL.len() - place) % OVAL.len())
    }
}

/// The other side of a point in frontal space.
pub fn mirrored([x, y, z]: [f32; 3]) -> [f32; 3] {
    [-x, y, z]
}

/// True for a mesh point in the plane of symmetry.
pub fn is_midline(point: usize) -> bool {
    !PAIRS.iter().any(|&(a, b)| a == point || b == point)
}

/// Mesh points that are each other's mirror image; the other 28 lie in the middle. Found by running the mesh network on
/// portraits and their mirror images; holds for any mesh of this numbering.
#[rustfmt::skip]
const PAIRS: [(usize, usize); 220] = [
    (3, 248), (7, 249), (20, 250), (21, 251), (22, 252), (23, 253), (24, 254), (25, 255), (26, 256),
    (27, 257), (28, 258), (29, 259), (30, 260), (31, 261), (32, 262), (33, 263), (34, 264), (35,
    265), (36, 266), (37, 267), (38, 268), (39, 269), (40, 270), (41, 271), (42, 272), (43, 273),
    (44, 274), (45, 275), (46, 276), (47, 277), (48, 278), (49, 279), (50, 280), (51, 281), (52,
    282), (53, 283), (54, 284), (55, 285), (56, 286), (57, 287), (58, 288), (59, 289), (60, 290),
    (61, 291), (62, 292), (63, 293), (64, 294), (65, 295), (66, 296), (67, 297), (68, 298), (69,
    299), (70, 300), (71, 301), (72, 302), (73, 303), (74, 304), (75, 305), (76, 306), (77, 307),
    (78, 308), (79, 309), (80, 310), (81, 311), (82, 312), (83, 313), (84, 314), (85, 315), (86,
    316), (87, 317), (88, 318), (89, 319), (90, 320), (91, 321), (92, 322), (93, 323), (95, 324),
    (96, 325), (97, 326), (98, 327), (99, 328), (100, 329), (101, 330), (102, 331), (103, 332),
    (104, 333), (105, 334), (106, 335), (107, 336), (108, 337), (109, 338), (110, 339), (111, 340),
    (112, 341), (113, 342), (114, 343), (115, 344), (116, 345), (117, 346), (118, 347), (119, 348),
    (120, 349), (121, 350), (122, 351), (123, 352), (124, 353), (125, 354), (126, 355), (127, 356),
    (128, 357), (129, 358), (130, 359), (131, 360), (132, 361), (133, 362), (134, 363), (135, 364),
    (136, 365), (137, 366), (138, 367), (139, 368), (140, 369), (141, 370), (142, 371), (143, 372),
    (144, 373), (145, 374), (146, 375), (147, 376), (148, 377), (149, 378), (150, 379), (153, 380),
    (154, 381), (155, 382), (156, 383), (157, 384), (158, 385), (159, 386), (160, 387), (161, 388),
    (162, 389), (163, 390), (165, 391), (166, 392), (167, 393), (169, 394), (170, 395), (171, 396),
    (172, 397), (173, 398), (174, 399), (176, 400), (177, 401), (178, 402), (179, 403), (180, 404),
    (181, 405), (182, 406), (183, 407), (184, 408), (185, 409), (186, 410), (187, 411), (188, 412),
    (189, 413), (190, 414), (191, 415), (192, 416), (193, 417), (194, 418), (196, 419), (198, 420),
    (201, 421), (202, 422), (203, 423), (204, 424), (205, 425), (206, 426), (207, 427), (208, 428),
    (209, 429), (210, 430), (211, 431), (212, 432), (213, 433), (214, 434), (215, 435), (216, 436),
    (217, 437), (218, 438), (219, 439), (220, 440), (221, 441), (222, 442), (223, 443), (224, 444),
    (225, 445), (226, 446), (227, 447), (228, 448), (229, 449), (230, 450), (231, 451), (232, 452),
    (233, 453), (234, 454), (235, 455), (236, 456), (237, 457), (238, 458), (239, 459), (240, 460),
    (241, 461), (242, 462), (243, 463), (244, 464), (245, 465), (246, 466), (247, 467),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_at_most_one_partner() {
        let mut seen = vec![false; MESH_POINTS];
        for i in PAIRS.iter().flat_map(|&(a, b)| [a, b]) {
            assert!(!seen[i], "point {i} is in two pairs");
            seen[i] = true;
        }
        let middle: Vec<usize> = (0..MESH_POINTS).filter(|&i| !seen[i]).collect();
        assert_eq!(middle.len(), 28);
        assert!([10, 1, 4, 13, 14, 152].iter().all(|i| middle.contains(i)));
    }

    #[test]
    fn the_outline_is_symmetric_about_its_first_point() {
        for place in 1..18 {
            let (a, b) = (OVAL[place], OVAL[36 - place]);
            assert!(PAIRS.contains(&(a, b)) || PAIRS.contains(&(b, a)), "{a} and {b}");
        }
    }
}
