use crate::geometry::Detection;

/// Puts the best of overlapping candidates into `kept`, best first, at most `most`; the candidates end up sorted.
pub(crate) fn suppress(candidates: &mut [Detection], overlap: f32, most: usize, kept: &mut Vec<Detection>) {
    // Equal scores in a fixed order, so that the answer does not depend on the sorting.
    let rank = |d: &Detection| (d.bbox.score, -d.bbox.y, -d.bbox.x);
    candidates.sort_unstable_by(|a, b| {
        let ((a0, a1, a2), (b0, b1, b2)) = (rank(a), rank(b));
        b0.total_cmp(&a0).then(b1.total_cmp(&a1)).then(b2.total_cmp(&a2))
    });
    kept.clear();
    for one in candidates {
        if kept.len() >= most {
            break;
        }
        if kept.iter().all(|k| k.bbox.overlap(&one.bbox) <= overlap) {
            kept.push(*one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Detection;
    use crate::geometry::{FaceBox, FivePoints, Point};

    fn at(x: f32, score: f32) -> Detection {
        let bbox = FaceBox { x, y: 0.0, w: 10.0, h: 10.0, score };
        Detection { bbox, points: FivePoints([Point::new(x, 0.0); 5]) }
    }

    fn suppress(mut found: Vec<Detection>, overlap: f32, most: usize) -> Vec<Detection> {
        let mut kept = vec![at(9.0, 0.1)];
        super::suppress(&mut found, overlap, most, &mut kept);
        kept
    }

    #[test]
    fn the_best_of_a_heap_wins_and_neighbours_stay() {
        let kept = suppress(vec![at(0.0, 0.7), at(1.0, 0.9), at(2.0, 0.8), at(30.0, 0.65)], 0.3, 16);
        assert_eq!(kept, [at(1.0, 0.9), at(30.0, 0.65)]);
    }

    #[test]
    fn overlap_just_below_the_limit_stays() {
        // Boxes 10 wide, 5.5 apart: 4.5 / 15.5 = 0.29 shared; 5 apart: 5 / 15 = 0.33.
        assert_eq!(suppress(vec![at(0.0, 0.9), at(5.5, 0.8)], 0.3, 16).len(), 2);
        assert_eq!(suppress(vec![at(0.0, 0.9), at(5.0, 0.8)], 0.3, 16).len(), 1);
    }

    #[test]
    fn the_count_is_bounded() {
        let many = (0..50_u8).map(|i| at(20.0 * f32::from(i), 0.9)).collect();
        assert_eq!(suppress(many, 0.3, 16).len(), 16);
    }
}
