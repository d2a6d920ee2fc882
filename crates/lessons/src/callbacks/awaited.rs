//! One flag with `await`: what comes after a step is the next line.

use flagrace_core::{DownloadError, Item, metadata};

use super::io::Io;

/// Downloads one flag. Every path has to return a result, or this does not compile.
pub(super) async fn download_one(io: &Io, item: Item) -> Result<(), DownloadError> {
    let image = io.image(item).await?;
    let body = io.metadata(item).await?;
    let country = metadata::country(&body)?;
    io.save(item, country, image).await
}
