//! Which of the 468 mesh points are which (MediaPipe face-mesh numbering).

/// Points in a face mesh.
pub const MESH_POINTS: usize = 468;

/// Outline of the face, clockwise from the top of the forehead.
pub const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Outer and inner corner of the eye on the picture's left.
pub const EYE_LEFT: [usize; 2] = [33, 133];
/// Inner and outer corner of the eye on the picture's right.
pub const EYE_RIGHT: [usize; 2] = [362, 263];

/// Inner edge of the upper lip, corner to corner.
pub const UPPER_INNER: [usize; 11] = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308];
/// Inner edge of the lower lip, without the corners; each lies under `UPPER_INNER[1..10]`.
pub const LOWER_INNER: [usize; 9] = [95, 88, 178, 87, 14, 317, 402, 318, 324];
/// Outer edge of the upper lip, over `UPPER_INNER[1..10]`.
pub const UPPER_OUTER: [usize; 9] = [185, 40, 39, 37, 0, 267, 269, 270, 409];
/// Outer edge of the lower lip, under `LOWER_INNER`.
pub const LOWER_OUTER: [usize; 9] = [146, 91, 181, 84, 17, 314, 405, 321, 375];

/// Mouth corner, cheek and cheek bone under the eye on the picture's left.
pub const LEFT_SIDE: Side = Side { corner: 61, cheek: 205, cheekbone: 117, outward: -1.0 };
/// The same on the picture's right.
pub const RIGHT_SIDE: Side = Side { corner: 291, cheek: 425, cheekbone: 346, outward: 1.0 };

/// The points that a smile pulls on one side of the face.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    pub corner: usize,
    pub cheek: usize,
    pub cheekbone: usize,
    /// Sign along the face's own x axis that leads away from the nose.
    pub outward: f32,
}

/// True for a point on the inner edge of the lips: three of them make a triangle of the open mouth.
pub fn is_inner_lip(point: usize) -> bool {
    UPPER_INNER.contains(&point) || LOWER_INNER.contains(&point)
}
