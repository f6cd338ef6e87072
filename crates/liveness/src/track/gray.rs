//! Grey planes and their pyramids.
#![expect(clippy::indexing_slicing, reason = "every index is below width·height, the length each plane is made with")]

/// Levels of a pyramid; the coarsest is 1/8 of the finest.
pub(crate) const LEVELS: usize = 4;

/// A grey picture in 8 bits, kept small while waiting to be tracked.
pub(crate) struct Gray {
    pub(crate) width: usize,
    pub(crate) height: usize,
    data: Vec<u8>,
}

impl Gray {
    /// Copies `data` (row by row, `width × height`), shrunk by `factor` (0 < factor ≤ 1) with bilinear area samples.
    /// `None` when the sizes do not fit together or nothing would be left.
    pub(crate) fn shrunk(width: usize, height: usize, data: &[u8], factor: f32) -> Option<Self> {
        if width == 0 || height == 0 || data.len() != width.checked_mul(height)? || !(factor > 0.0 && factor <= 1.0) {
            return None;
        }
        if factor > 0.97 {
            return Some(Self { width, height, data: data.to_vec() });
        }
        let to_width = (width as f32 * factor).round().max(1.0) as usize;
        let to_height = (height as f32 * factor).round().max(1.0) as usize;
        let columns = spans(width, to_width, factor);
        let rows = spans(height, to_height, factor);
        let mut out = Vec::with_capacity(to_width * to_height);
        let mut sums = vec![0f32; width];
        for row in &rows {
            sums.fill(0.0);
            for (step, y) in (row.first..=row.last).enumerate() {
                let weight = row.weight(step);
                for (sum, &grey) in sums.iter_mut().zip(&data[y * width..(y + 1) * width]) {
                    *sum += weight * f32::from(grey);
                }
            }
            for column in &columns {
                let total: f32 =
                    (column.first..=column.last).enumerate().map(|(step, x)| column.weight(step) * sums[x]).sum();
                out.push((total / (row.total * column.total)).round().clamp(0.0, 255.0) as u8);
            }
        }
        Some(Self { width: to_width, height: to_height, data: out })
    }

    /// The pyramid, finest level first.
    pub(crate) fn pyramid(&self) -> Pyramid {
        let plane = Plane {
            width: self.width,
            height: self.height,
            data: self.data.iter().map(|&grey| f32::from(grey)).collect(),
        };
        let mut levels = vec![plane];
        while levels.len() < LEVELS {
            match levels.last().and_then(Plane::halved) {
                Some(half) => levels.push(half),
                None => break,
            }
        }
        Pyramid { levels }
    }
}

/// Which source pixels one target pixel covers, and how much of the first and the last.
struct Span {
    first: usize,
    last: usize,
    head: f32,
    tail: f32,
    total: f32,
}

impl Span {
    fn weight(&self, step: usize) -> f32 {
        if step == 0 {
            self.head
        } else if self.first + step == self.last {
            self.tail
        } else {
            1.0
        }
    }
}

/// Target pixel `i` covers source `i/factor .. (i+1)/factor`: the ratio is the factor itself, not the rounded sizes,
/// so that positions scale exactly.
fn spans(from: usize, to: usize, factor: f32) -> Vec<Span> {
    (0..to)
        .map(|i| {
            let start = (i as f32 / factor).min(from as f32 - 1.0);
            let end = ((i + 1) as f32 / factor).min(from as f32).max(start + 1e-3);
            let first = start as usize;
            let last = (end.ceil() as usize).saturating_sub(1).clamp(first, from - 1);
            let (head, tail) =
                if first == last { (end - start, 0.0) } else { (first as f32 + 1.0 - start, end - last as f32) };
            let total = if first == last { head } else { head + tail + (last - first - 1) as f32 };
            Span { first, last, head, tail, total }
        })
        .collect()
}

/// One level in floats.
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<f32>,
}

impl Plane {
    /// Half the size, smoothed with 1-4-6-4-1 in both directions; `None` below 32 pixels.
    fn halved(&self) -> Option<Plane> {
        let (width, height) = (self.width / 2, self.height / 2);
        if width < 32 || height < 32 {
            return None;
        }
        let mut rows = vec![0f32; self.width * height];
        for y in 0..height {
            let at = |offset: isize| {
                let row = (2 * y as isize + offset).clamp(0, self.height as isize - 1) as usize;
                &self.data[row * self.width..(row + 1) * self.width]
            };
            let (a, b, c, d, e) = (at(-2), at(-1), at(0), at(1), at(2));
            for (x, out) in rows[y * self.width..(y + 1) * self.width].iter_mut().enumerate() {
                *out = (a[x] + e[x] + 4.0 * (b[x] + d[x]) + 6.0 * c[x]) / 16.0;
            }
        }
        let mut data = vec![0f32; width * height];
        for y in 0..height {
            let row = &rows[y * self.width..(y + 1) * self.width];
            let at = |x: isize| row[x.clamp(0, self.width as isize - 1) as usize];
            for (x, out) in data[y * width..(y + 1) * width].iter_mut().enumerate() {
                let x = 2 * x as isize;
                *out = (at(x - 2) + at(x + 2) + 4.0 * (at(x - 1) + at(x + 1)) + 6.0 * at(x)) / 16.0;
            }
        }
        Some(Plane { width, height, data })
    }
}

/// A picture at halving sizes, finest first; never empty.
pub(crate) struct Pyramid {
    levels: Vec<Plane>,
}

impl Pyramid {
    pub(crate) fn finest(&self) -> &Plane {
        &self.levels[0]
    }

    pub(crate) fn levels(&self) -> &[Plane] {
        &self.levels
    }
}
