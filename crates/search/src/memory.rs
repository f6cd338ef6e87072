//! Memory that is not swapped out where the system allows it, and that is wiped when it is given up.

use zeroize::Zeroize;

/// A fixed number of values; never grows, so no copy of it is left behind anywhere.
pub(crate) struct Locked<T: Zeroize> {
    // Released before the memory is freed: fields are dropped in this order.
    lock: Option<region::LockGuard>,
    values: Vec<T>,
}

impl<T: Zeroize + Clone> Locked<T> {
    pub(crate) fn filled(with: T, count: usize) -> Self {
        let values = vec![with; count];
        // Best effort: many systems let a user lock a few MiB only.
        let lock = region::lock(values.as_ptr(), size_of_val(values.as_slice()).max(1)).ok();
        Self { lock, values }
    }
}

impl<T: Zeroize> Locked<T> {
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Whether the system keeps it in memory.
    pub(crate) fn is_locked(&self) -> bool {
        self.lock.is_some()
    }
}

impl<T: Zeroize> Drop for Locked<T> {
    fn drop(&mut self) {
        self.values.iter_mut().zeroize();
    }
}
