//! Sixteen 8-bit vectors, interleaved: line `g` holds values 4g..4g+4 of all sixteen, the last line their scales.

/// Vectors of one block.
pub(crate) const LANES: usize = 16;
/// Values of one vector that lie together: what one lane of a VNNI instruction multiplies.
pub(crate) const GROUP: usize = 4;
/// What is added to an 8-bit value so that it is stored without a sign, as VNNI wants one of its sides.
pub(crate) const OFFSET: i32 = 128;
/// Lines are made in fours so that the kernel can run four sums side by side.
pub(crate) const UNROLL: usize = 4;

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u8; 64]);

impl Line {
    pub(crate) const ZERO: Self = Self([0; 64]);
}

impl zeroize::Zeroize for Line {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// How long vectors are laid out in lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) dimensions: usize,
    /// Lines of values of one block; the line of scales comes after them.
    pub(crate) groups: usize,
}

impl Shape {
    pub(crate) const fn new(dimensions: usize) -> Self {
        Self { dimensions, groups: dimensions.div_ceil(GROUP * UNROLL) * UNROLL }
    }

    /// Lines of one block.
    pub(crate) const fn lines(self) -> usize {
        self.groups + 1
    }

    /// Values of one vector with its padding.
    pub(crate) const fn padded(self) -> usize {
        self.groups * GROUP
    }
}

/// Writes one vector into its lane. `values` are padded; a lane that was never written has the scale 0.
pub(crate) fn put(block: &mut [Line], lane: usize, values: &[i8], scale: f32) {
    let Some((scales, groups)) = block.split_last_mut() else { return };
    let (fours, _) = values.as_chunks::<GROUP>();
    for (line, four) in groups.iter_mut().zip(fours) {
        if let Some(place) = line.0.chunks_exact_mut(GROUP).nth(lane) {
            place.iter_mut().zip(four).for_each(|(p, v)| *p = v.cast_unsigned() ^ 0x80);
        }
    }
    if let Some(place) = scales.0.chunks_exact_mut(GROUP).nth(lane) {
        place.copy_from_slice(&scale.to_le_bytes());
    }
}

/// Moves a lane's bytes to another lane of another (or the same) block.
pub(crate) fn lane_of(block: &[Line], lane: usize) -> impl Iterator<Item = [u8; GROUP]> + '_ {
    block.iter().filter_map(move |line| line.0.as_chunks::<GROUP>().0.get(lane).copied())
}

/// Overwrites a lane with what [`lane_of`] gave; `None` wipes it.
pub(crate) fn put_lane(block: &mut [Line], lane: usize, mut bytes: Option<impl Iterator<Item = [u8; GROUP]>>) {
    for line in block {
        let new = bytes.as_mut().and_then(Iterator::next).unwrap_or([0; GROUP]);
        if let Some(place) = line.0.chunks_exact_mut(GROUP).nth(lane) {
            place.copy_from_slice(&new);
        }
    }
}

/// The scales of a block.
pub(crate) fn scales(line: &Line) -> [f32; LANES] {
    let (fours, _) = line.0.as_chunks::<GROUP>();
    let mut out = [0.0; LANES];
    out.iter_mut().zip(fours).for_each(|(s, b)| *s = f32::from_le_bytes(*b));
    out
}
