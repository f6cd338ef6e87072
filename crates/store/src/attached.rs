//! Replies that are saved in the commit of the work they answer, without the work knowing of them: the task says for which
//! request it works and what the reply to its outcome will be, and the write that gives that outcome saves it.

use std::any::Any;
use std::sync::{Mutex, PoisonError};

use base::Timestamp;

use crate::idempotency::{Idempotency, SavedReply, save_once};
use crate::tx::Tx;
use crate::{Store, StoreError};

tokio::task_local! {
    static REQUEST: Request;
}

/// What the running task works for.
struct Request {
    once: Idempotency,
    now: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A [`Render`] of the type of outcome that is waited for.
    render: Option<Box<dyn Any + Send>>,
    /// A write took the render along; it is saved when the write's result is there.
    taken: bool,
}

type Render<T> = Box<dyn FnOnce(&Idempotency, &T) -> Result<SavedReply, StoreError> + Send>;

/// A reply on its way to the writer.
pub(crate) struct Attached<T> {
    once: Idempotency,
    now: Timestamp,
    render: Render<T>,
}

impl<T> Attached<T> {
    /// # Errors
    /// [`StoreError::IdempotencyInFlight`]: another request under the key was committed first.
    pub(crate) fn save(self, tx: &Tx<'_>, outcome: &T) -> Result<(), StoreError> {
        let reply = (self.render)(&self.once, outcome)?;
        save_once(tx, &self.once, &reply, self.now)
    }
}

/// Runs `work` for a request under a key. The second answer says whether its reply went into a commit with its effect; where
/// not, and the work succeeded, the caller saves it by [`Store::save_reply`].
pub async fn working_for<F: Future>(once: Idempotency, now: Timestamp, work: F) -> (F::Output, bool) {
    let request = Request { once, now, state: Mutex::default() };
    let noted = async {
        let done = work.await;
        (done, REQUEST.with(|request| request.state.lock().unwrap_or_else(PoisonError::into_inner).taken))
    };
    REQUEST.scope(request, noted).await
}

/// The request that the running task works for.
pub fn current_request() -> Option<Idempotency> {
    REQUEST.try_with(|request| request.once.clone()).ok()
}

/// The first write of `work` that gives a `T` saves what `render` makes of it, in its own commit. Outside of
/// [`working_for`] nothing is saved.
pub async fn answering<T, F>(
    render: impl FnOnce(&Idempotency, &T) -> Result<SavedReply, StoreError> + Send + 'static,
    work: F,
) -> F::Output
where
    T: 'static,
    F: Future,
{
    let boxed: Render<T> = Box::new(render);
    put(Some(Box::new(boxed)));
    let done = work.await;
    put(None);
    done
}

fn put(render: Option<Box<dyn Any + Send>>) {
    // Outside of a request there is nothing to save.
    let _ = REQUEST.try_with(|request| {
        request.state.lock().unwrap_or_else(PoisonError::into_inner).render = render;
    });
}

/// What the write that gives a `T` has to save besides.
pub(crate) fn take<T: 'static>() -> Option<Attached<T>> {
    let taken = REQUEST.try_with(|request| {
        let mut state = request.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.render.take()?.downcast::<Render<T>>() {
            Ok(render) => {
                state.taken = true;
                Some(Attached { once: request.once.clone(), now: request.now, render: *render })
            }
            Err(other) => {
                state.render = Some(other);
                None
            }
        }
    });
    taken.ok().flatten()
}

impl Store {
    /// The reply that was saved under a key less than [`IDEMPOTENCY_LASTS`](crate::limits::IDEMPOTENCY_LASTS) ago.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyConflict`] for another body.
    pub async fn saved_reply(&self, once: Idempotency, now: Timestamp) -> Result<Option<SavedReply>, StoreError> {
        once.check()?;
        self.read(move |conn| crate::idempotency::find_in(conn, &once, now)).await
    }

    /// Saves the reply to work that is done already.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyInFlight`]: there is one; reply too long.
    pub async fn save_reply(&self, once: Idempotency, reply: SavedReply, now: Timestamp) -> Result<(), StoreError> {
        once.check()?;
        self.write(move |tx| save_once(tx, &once, &reply, now)).await
    }

    /// Forgets replies that are older than [`IDEMPOTENCY_LASTS`](crate::limits::IDEMPOTENCY_LASTS); answers how many.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn forget_replies(&self, now: Timestamp) -> Result<usize, StoreError> {
        let old = crate::idempotency::oldest(now);
        let some = self.read(move |conn| {
            let sql = "SELECT 1 FROM idempotency WHERE created_at <= ?1 LIMIT 1";
            crate::sql::one(conn, sql, [old], |_| Ok(()))
        });
        match some.await? {
            Some(()) => self.write(move |tx| tx.run("DELETE FROM idempotency WHERE created_at <= ?1", [old])).await,
            None => Ok(0),
        }
    }
}
