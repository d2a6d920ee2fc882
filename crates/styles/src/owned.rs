//! The steps of a download, borrowing nothing.
//!
//! [`Session`]'s own steps borrow the session, the URL and the attempt, which they can
//! because the function that awaits them keeps all of it in place. A chain of closures has
//! no such place: each closure has returned before the next runs. So whatever a step needs
//! is moved into it, and what is needed again afterwards has to come out with its result.

use std::sync::Arc;

use flagrace_async::{Permit, Session};
use flagrace_core::{Attempt, Miss};

/// [`Session::permit`].
pub async fn permit(session: Arc<Session>) -> Result<Permit, Miss> {
    session.permit().await
}

/// [`Session::get`]. The attempt comes back whatever happens: it has yet to be ended.
pub async fn get(
    session: Arc<Session>,
    url: String,
    mut attempt: Attempt,
) -> (Attempt, Result<Vec<u8>, Miss>) {
    let body = session.get(&url, &mut attempt).await;
    (attempt, body)
}

/// [`Session::save`].
pub async fn save(session: Arc<Session>, name: String, image: Vec<u8>) -> Result<(), Miss> {
    session.save(name, image).await
}
