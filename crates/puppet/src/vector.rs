//! The little plane geometry the puppet needs.

/// A point or direction in a picture plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct V2 {
    pub x: f32,
    pub y: f32,
}

impl V2 {
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
    pub fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y
    }
    pub fn norm(self) -> f32 {
        self.dot(self).sqrt()
    }
    /// Unit vector, or the x axis for a vector too short to have a direction.
    pub fn unit(self) -> Self {
        let n = self.norm();
        if n > 1e-9 { self * (1.0 / n) } else { Self::new(1.0, 0.0) }
    }
    /// The direction a quarter turn clockwise on screen: x axis → y axis (down).
    pub fn quarter_turn(self) -> Self {
        Self::new(-self.y, self.x)
    }
}

impl std::ops::Add for V2 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.x + o.x, self.y + o.y)
    }
}
impl std::ops::AddAssign for V2 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}
impl std::ops::Sub for V2 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.x - o.x, self.y - o.y)
    }
}
impl std::ops::Mul<f32> for V2 {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        Self::new(self.x * k, self.y * k)
    }
}

/// Head rotation: first yaw about the vertical, then pitch, then roll; degrees.
/// Positive yaw brings the nose to picture right, positive pitch lowers it, positive roll turns clockwise on screen.
pub fn rotation(yaw: f32, pitch: f32, roll: f32) -> nalgebra::Matrix3<f32> {
    let (sy, cy) = yaw.to_radians().sin_cos();
    let (sp, cp) = pitch.to_radians().sin_cos();
    let (sr, cr) = roll.to_radians().sin_cos();
    nalgebra::Matrix3::new(cr, -sr, 0.0, sr, cr, 0.0, 0.0, 0.0, 1.0)
        * nalgebra::Matrix3::new(1.0, 0.0, 0.0, 0.0, cp, -sp, 0.0, sp, cp)
        * nalgebra::Matrix3::new(cy, 0.0, -sy, 0.0, 1.0, 0.0, sy, 0.0, cy)
}
