//! Work spread over a few threads, each with its own analyzer; results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use face::{Analyzer, Models};

use crate::error::EvaluateError;
use crate::limits::MAX_THREADS;

/// Does `count` pieces of work; `progress` is called after each.
pub(crate) fn spread<T: Send>(
    models: &Models,
    threads: usize,
    count: usize,
    work: impl Fn(&mut Analyzer, usize) -> Result<T, EvaluateError> + Sync,
    progress: &mut dyn FnMut(),
) -> Result<Vec<T>, EvaluateError> {
    let mut done: Vec<Option<T>> = (0..count).map(|_| None).collect();
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, MAX_THREADS) {
            let (send, next, work) = (send.clone(), &next, &work);
            scope.spawn(move || {
                let mut analyzer = match models.analyzer() {
                    Ok(analyzer) => analyzer,
                    Err(error) => return drop(send.send(Err(error.into()))),
                };
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    // Nobody listens any more: another thread failed.
                    if send.send(work(&mut analyzer, index).map(|result| (index, result))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        for _ in 0..count {
            let (index, result) = receive.recv().map_err(|_| EvaluateError::Worker)??;
            if let Some(slot) = done.get_mut(index) {
                *slot = Some(result);
            }
            progress();
        }
        Ok::<(), EvaluateError>(())
    })?;
    done.into_iter().collect::<Option<Vec<T>>>().ok_or(EvaluateError::Worker)
}
