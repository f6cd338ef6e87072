/// A place in a picture, in pixels from its top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Straight distance in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The place half-way.
    #[must_use]
    pub fn midpoint(self, other: Self) -> Self {
        Self::new(f32::midpoint(self.x, other.x), f32::midpoint(self.y, other.y))
    }
}

/// Where a face is: top left corner and size in pixels (may reach over the picture's edge), and how sure the detector is
/// (0.6..=1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceBox {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
    pub score: f32,
}

impl FaceBox {
    pub fn center(&self) -> Point {
        Point::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// The longer side in pixels.
    pub fn side(&self) -> f32 {
        self.w.max(self.h)
    }

    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// Shared area divided by joint area, 0..=1.
    pub fn overlap(&self, other: &Self) -> f32 {
        let w = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let h = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        let shared = w.max(0.0) * h.max(0.0);
        let joint = self.area() + other.area() - shared;
        if joint > 0.0 { shared / joint } else { 0.0 }
    }
}

/// Five points as seen in the picture: left eye, right eye, nose tip, left mouth corner, right mouth corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FivePoints(pub [Point; 5]);

impl FivePoints {
    pub const fn left_eye(&self) -> Point {
        let [p, ..] = self.0;
        p
    }

    pub const fn right_eye(&self) -> Point {
        let [_, p, ..] = self.0;
        p
    }

    pub const fn nose(&self) -> Point {
        let [_, _, p, ..] = self.0;
        p
    }

    /// Pixels between the eyes.
    pub fn eye_distance(&self) -> f32 {
        self.left_eye().distance(self.right_eye())
    }

    /// How far the nose is from the middle between the eyes, along the eye line, in eye distances.
    ///
    /// Positive = to picture right = the person turned to their own left (in an unmirrored picture). About 0 when the face is
    /// frontal, beyond ±0.28 when it is clearly turned, 0 when the eyes coincide.
    pub fn nose_offset(&self) -> f32 {
        let (l, r, n) = (self.left_eye(), self.right_eye(), self.nose());
        let (dx, dy) = (r.x - l.x, r.y - l.y);
        let square = dx * dx + dy * dy;
        if square <= f32::EPSILON {
            return 0.0;
        }
        let mid = l.midpoint(r);
        ((n.x - mid.x) * dx + (n.y - mid.y) * dy) / square
    }

    /// Angle of the eye line: 0 = level, positive = clockwise in the picture, −180..=180.
    pub fn roll_degrees(&self) -> f32 {
        let (l, r) = (self.left_eye(), self.right_eye());
        (r.y - l.y).atan2(r.x - l.x).to_degrees()
    }
}

/// A face that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    pub bbox: FaceBox,
    pub points: FivePoints,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(nose_x: f32) -> FivePoints {
        FivePoints([
            Point::new(40.0, 50.0),
            Point::new(80.0, 50.0),
            Point::new(nose_x, 70.0),
            Point::new(45.0, 90.0),
            Point::new(75.0, 90.0),
        ])
    }

    #[test]
    fn nose_offset_is_signed_and_survives_roll() {
        assert!(face(60.0).nose_offset().abs() < 1e-6);
        assert!((face(72.0).nose_offset() - 0.3).abs() < 1e-5);
        assert!((face(48.0).nose_offset() + 0.3).abs() < 1e-5);
        let (sin, cos) = 0.5_f32.sin_cos();
        let rolled = FivePoints(face(72.0).0.map(|p| Point::new(p.x * cos - p.y * sin, p.x * sin + p.y * cos)));
        assert!((rolled.nose_offset() - 0.3).abs() < 1e-5);
        assert!((rolled.roll_degrees() - 0.5_f32.to_degrees()).abs() < 1e-3);
        assert!((rolled.eye_distance() - 40.0).abs() < 1e-4);
    }

    #[test]
    fn coinciding_eyes_give_no_offset() {
        let p = FivePoints([Point::new(5.0, 5.0); 5]);
        assert!(p.nose_offset().abs() < f32::EPSILON);
    }
}
