//! One flag, as a task, from the request to the store.

use flagrace_core::{Attempt, CountryCode, Miss, Outcome, file_name, metadata};

use crate::{Permit, Session};

/// Downloads one flag. Wherever it says `await` the task may give its thread to another.
pub async fn download_one(session: &Session, code: CountryCode, permit: Permit) -> Outcome {
    let mut attempt = Attempt::begin(session.job(), session.start(), code, permit.lane());
    let result = fetch_and_save(session, &mut attempt, permit).await;
    attempt.end(result)
}

async fn fetch_and_save(
    session: &Session,
    attempt: &mut Attempt,
    mut permit: Permit,
) -> Result<(), Miss> {
    let job = session.job();
    let code = attempt.code();
    let image = session.get(&job.flag_url(code), attempt).await?;
    attempt.image_read(image.len());

    let name = if job.metadata {
        // Each request has a permit of its own: while this task waits for its second, the
        // first serves another.
        drop(permit);
        permit = session.permit().await?;
        let body = session.get(&job.metadata_url(code), attempt).await?;
        attempt.metadata_read();
        file_name::with_country(&metadata::country(&body)?, code)
    } else {
        file_name::plain(code)
    };

    session.save(name, image).await?;
    attempt.saved();
    // Kept until here, so that no more flags wait to be saved than may be in flight.
    drop(permit);
    Ok(())
}
